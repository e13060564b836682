import type { Client, JobEvent } from "@gradio-rx/node";

export async function events(client: Client, print: (line: string) => void): Promise<void> {
  // #region events
  const job = client.submit<string>("/write", ["cats"]);
  for await (const event of job) {
    if (event.type === "data") print(event.data);
    else if (event.type === "log") print(`${event.level}: ${event.log}`);
    else print(event.stage);
  }
  // #endregion events
}

export async function callbacks(client: Client, print: (line: string) => void): Promise<void> {
  // #region callbacks
  const job = client.submit<string>("/write", ["cats"], {
    onStatus: ({ stage }) => print(stage),
    onData: ({ data }) => print(data),
    onLog: ({ level, log }) => print(`${level}: ${log}`),
    onResult: (result) => print(`result: ${result}`),
    onError: (error) => print(String(error)),
  });
  // #endregion callbacks
  await job.result();
}

export async function late(client: Client): Promise<JobEvent<string>[]> {
  // #region late
  const job = client.submit<string>("/write", ["cats"]);
  await job.result();
  const all: JobEvent<string>[] = [];
  for await (const event of job) all.push(event); // every event, although the job has ended
  // #endregion late
  return all;
}

export async function abort(client: Client): Promise<unknown> {
  // #region abort
  const controller = new AbortController();
  const job = client.submit<number>("/count", [], { signal: controller.signal });
  controller.abort(new Error("The user left."));
  const reason = await job.result().catch((error: unknown) => error); // Error: The user left.
  // #endregion abort
  return reason;
}

export async function limit(client: Client): Promise<unknown> {
  // #region limit
  const error = await client.predict("/count", [], { timeout: 200 }).catch((reason: unknown) => reason);
  // TimeoutError with kind "call"; the function was stopped on the server
  // #endregion limit
  return error;
}
