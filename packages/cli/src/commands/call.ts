import type { CallOptions, Client, EndpointInfo, Job } from "@gradio-rx/node";
import { connect } from "../connect.ts";
import { localFiles, Stdin } from "../data/files.ts";
import { endpointOf, readData } from "../data/read.ts";
import { isData } from "../data/words.ts";
import { exitCodes } from "../exit.ts";
import { write } from "../io.ts";
import { resultText } from "../output.ts";
import type { CommonOptions, Run } from "../run.ts";
import { saveFiles } from "../save.ts";
import { openDisplay } from "../terminal/display.ts";

/** Options of `call`. */
export interface CallCommandOptions extends CommonOptions {
  out?: string;
  wait?: boolean;
  resubmit?: boolean;
  session?: string;
}

/** Calls an endpoint, and writes its result. */
export async function call(run: Run<CallCommandOptions>, app: string, words: readonly string[]): Promise<number> {
  const { io, options } = run;
  const [first, ...rest] = words;
  const named = first === undefined || isData(first) ? undefined : first;
  const stdin = new Stdin(io.stdin);
  const { client, signal } = await connect(run, app, {
    localFiles: localFiles(stdin),
    ...(options.session === undefined ? {} : { sessionHash: options.session }),
  });
  try {
    const endpoint = endpointOf(client, named);
    const given = named === undefined ? words : rest;
    const data = await readData(given, endpoint, { stdin, signal, app: client.app.url });
    const job = submit(client, endpoint?.name ?? nameOf(named), data, {
      signal,
      keepOutputs: 1,
      ...(options.wait ? { onQueueFull: "wait" as const } : {}),
      ...(options.resubmit ? { resubmit: true } : {}),
    });
    // The data of the call is the one chunk of an input that is a stream. Errors come through the job.
    if (endpoint?.stream) void job.end().catch(() => undefined);
    await follow({ ...run, signal }, client, job, endpoint);
    return exitCodes.done;
  } finally {
    await client.close();
  }
}

/** An endpoint that the app does not list: an index in digits, else a name. */
function nameOf(named: string | undefined): string | number | undefined {
  return named !== undefined && /^\d+$/.test(named) ? Number(named) : named;
}

function submit(
  client: Client,
  endpoint: string | number | undefined,
  data: Awaited<ReturnType<typeof readData>>,
  options: CallOptions,
): Job {
  return endpoint === undefined ? client.submit(data, options) : client.submit(endpoint, data, options);
}

/** Shows how a job goes, and writes its result. */
async function follow(
  { io, signal, options }: Run<CallCommandOptions>,
  client: Client,
  job: Job,
  endpoint: EndpointInfo | undefined,
): Promise<void> {
  const display = await openDisplay(io, options);
  try {
    for await (const event of job) {
      if (options.json) await write(io.stdout, `${JSON.stringify(event)}\n`);
      else if (event.type === "status") display.status(event);
      else if (event.type === "log") display.log(event);
      else display.output(event.data);
    }
    const result = await job.result();
    const saved = options.out === undefined ? result : await saveFiles(client, result, options.out, signal);
    display.end();
    const text = options.json
      ? `${JSON.stringify({ type: "result", data: saved })}\n`
      : resultText(saved, endpoint?.returns, io);
    await write(io.stdout, text);
  } finally {
    display.end();
  }
}
