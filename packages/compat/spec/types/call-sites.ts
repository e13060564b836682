import {
  Client,
  client,
  duplicate,
  FileData,
  handle_file,
  MISSING_CREDENTIALS_MSG,
  prepare_files,
  type SpaceStatus,
} from "@gradio/client";

/** Calls as applications write them. */
export async function calls(): Promise<void> {
  const app = await Client.connect("owner/name", {
    token: "hf_x",
    events: ["data", "status"],
    auth: ["user", "password"],
  });
  const started: ReturnType<typeof client> = client("http://127.0.0.1:7860");
  await duplicate("owner/name", { private: true, hardware: "t4-small", timeout: 5, status_callback: onStatus });
  const result = await app.predict("/predict", ["text", handle_file("https://example.com/a.png")]);
  const first = (result.data as [string])[0].length;
  const typed = await app.predict<[number, string]>("/two", { text: "a" });
  const total: number = typed.data[0] + first;
  const job: ReturnType<Client["submit"]> = app.submit("/chat", ["hello"], undefined, null, true);
  for await (const message of job) {
    if (message.type === "data") show(message.data[0], message.time);
    if (message.type === "status")
      show(message.stage, message.position, message.size, message.eta, message.progress_data?.[0]?.desc);
    if (message.type === "log") show(message.log, message.level, message.duration);
    if (message.type === "render") show(message.data.render_id);
  }
  job.send_chunk({ data: [total] });
  job.close_stream();
  await job.cancel();
  const id: string | null = await job.wait_for_id();
  const files = await prepare_files([new File(["a"], "a.txt")]);
  const uploaded: Awaited<ReturnType<Client["upload"]>> = await app.upload(
    files,
    app.config?.root ?? "",
    id ?? job.event_id(),
  );
  const file = new FileData({ path: "a.txt", orig_name: "a.txt" });
  show(uploaded?.[0]?.url, file.meta, (await started).session_hash);
  const api = await app.view_api();
  show(api.named_endpoints["/predict"]?.parameters[0]?.parameter_name, app.config?.components[0]?.props.elem_id);
  const { files: paths, error } = await app.upload_files("", [new Blob([])]);
  const state: "connected" | "broken" | "changed" = await app.reconnect();
  show(paths?.[0], error, state, MISSING_CREDENTIALS_MSG, await app.component_server(1, "load", ["a"]));
  app.close();
}

function onStatus(status: SpaceStatus): void {
  show(status.status, status.detail, status.load_status, status.message);
}

function show(...values: unknown[]): void {
  void values;
}
