import { Client } from "@gradio-rx/compat";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../../place.ts";

type Options = Parameters<typeof Client.connect>[1];

async function connect(options?: Options): Promise<Client> {
  const client = await Client.connect(await appUrl("page"), options);
  onTestFinished(() => client.close());
  return client;
}

/** A PNG of one pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = { path: null, url: `data:image/png;base64,${PIXEL}`, meta: { _type: "gradio.FileData" } };

test("a function that renders sends its components, which are part of the configuration then", async () => {
  const client = await connect({ events: ["render", "status"] });
  const rendering = client.config!.dependencies.find(({ targets }) => targets.some(([, name]) => name === "load"))!;
  const before = client.config!.components.length;
  const events = [];
  for await (const event of client.submit(rendering.id, [2])) events.push(event);
  const rendered = events.find((event) => event.type === "render")!;
  expect(rendered.data).toMatchObject({ components: expect.any(Array), dependencies: expect.any(Array) });
  expect(client.config!.components.length).toBeGreaterThan(before);
  const button = client.config!.dependencies.find(({ rendered_in }) => rendered_in === rendered.data.render_id)!;
  expect((await client.predict(button.id, [])).data).toEqual(["pressed 1"]);
  // A caller that changes the event changes nothing else.
  rendered.data.components.length = 0;
  expect(client.config!.components.length).toBeGreaterThan(before);
});

test("a function whose input is a stream receives chunks until the stream is closed", async () => {
  const client = await connect({ events: ["data", "status"] });
  const job = client.submit("/look", [image]);
  const seen: unknown[] = [];
  let last: unknown;
  for await (const event of job) {
    last = event;
    if (event.type !== "data") continue;
    seen.push(event.data[0]);
    if (seen.length < 3) job.send_chunk({ data: [image] });
    else job.close_stream();
  }
  expect(seen.slice(0, 3)).toEqual(["(1, 1)", "(1, 1)", "(1, 1)"]);
  expect(last).toMatchObject({ type: "status", stage: "complete" });
});

test("a server function of a component receives a form, and a failed one rejects", async () => {
  const client = await connect();
  const { id } = client.config!.components.find(({ props }) => (props["server_fns"] as string[])?.includes("add_up"))!;
  const data = { file: new File(["hello"], "a.txt"), note: "it" };
  expect(await client.component_server(id, "add_up", { binary: true, data })).toEqual({
    name: "a.txt",
    size: 5,
    note: "it",
  });
  await expect(client.component_server(id, "missing", { binary: true, data })).rejects.toThrow(
    `The server function missing of component ${id} failed (404)`,
  );
});

test("the configuration of each page has its own components", async () => {
  const client = await connect();
  const { root } = client.config!;
  const names = (url: string): string[] =>
    client.get_url_config(url).dependencies.map(({ api_name }) => String(api_name));
  expect(names(`${root}/second`)).toEqual(["look", "ask"]);
  expect(names(`${root}/`)).toContain("say");
  expect(names(`${root}/unknown`)).toContain("say");
  expect(client.get_page_config("second").current_page).toBe("second");
});

test("an event stream of the app is followed, and closed", async () => {
  const client = await connect();
  const url = new URL(`${client.config!.root}${client.api_prefix}/upload_progress?upload_id=one`);
  const stream = client.stream(url);
  const told: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      told.push((JSON.parse(data) as { msg: string }).msg);
      if (told.at(-1) === "done") resolve();
    };
  });
  await client.upload_files(client.config!.root, [new File([new Uint8Array(500_000)], "a.bin")], "one");
  await done;
  stream.close();
  expect(stream.readyState).toBe(stream.CLOSED);
  expect(told.at(-1)).toBe("done");
});
