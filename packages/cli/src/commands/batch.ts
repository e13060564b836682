import type { Client, EndpointInfo } from "@gradio-rx/node";
import { type BatchOptions, type BatchWords, type Plan, planOf } from "../batch/plan.ts";
import { openRecord, type Record as BatchRecord } from "../batch/record.ts";
import { type OpenSource, openSource, type Source } from "../batch/source.ts";
import { connect } from "../connect.ts";
import { localFiles, Stdin } from "../data/files.ts";
import { endpointOf } from "../data/read.ts";
import { errorJson, exitCodes } from "../exit.ts";
import { openCounter } from "../terminal/counter.ts";
import type { Run } from "../run.ts";
import { saveFiles } from "../save.ts";

/** Maximum number of calls at once, without a store. */
const CONCURRENCY = 4;

type PlainPlan = Extract<Plan, { kind: "plain" }>;

/** Calls an endpoint once for each input of a file, without or with a store. */
export async function batch(run: Run<BatchOptions>, words: BatchWords): Promise<number> {
  const plan = planOf(words, run.options);
  switch (plan.kind) {
    case "plain":
      return await callAll(run, plan);
    case "run":
      return await (await import("../batch/feed.ts")).feedBatch(run, plan);
    case "work":
      return await (await import("../batch/work.ts")).joinBatch(run, plan);
    case "status":
      return await (await import("../batch/look.ts")).showStatus(run, plan.store);
    default:
      return await (await import("../batch/look.ts")).retryAlone(run, plan.store);
  }
}

/** Calls an endpoint once for each input of a file, and writes a line of JSON for each as it ends. */
async function callAll(run: Run<BatchOptions>, plan: PlainPlan): Promise<number> {
  const opened = await openSource(run, plan.file);
  try {
    return await callInputs(run, plan, opened);
  } finally {
    await opened.close();
  }
}

async function callInputs(
  run: Run<BatchOptions>,
  { app, endpoint: named, file }: PlainPlan,
  opened: OpenSource,
): Promise<number> {
  const { io, options } = run;
  // Stdin is the input: no file can be read from it.
  const stdin = new Stdin(io.stdin);
  if (file === "-") stdin.take();
  const { client, signal } = await connect(run, app, { localFiles: localFiles(stdin) });
  try {
    const endpoint = endpointOf(client, named);
    const source = await opened.read(endpoint);
    const record = await openRecord(options.output, source.file, io);
    try {
      const failed = await runAll({ ...run, signal }, { client, endpoint, named, source, record });
      return failed > 0 ? exitCodes.no : exitCodes.done;
    } finally {
      await record.close();
    }
  } finally {
    await client.close();
  }
}

interface Work {
  client: Client;
  endpoint: EndpointInfo | undefined;
  named: string;
  source: Source;
  record: BatchRecord;
}

/** Runs the inputs that have no result yet. Returns how many failed. */
async function runAll(
  { io, signal, options }: Run<BatchOptions>,
  { client, endpoint, named, source, record }: Work,
): Promise<number> {
  const data = source.data((index) => record.isDone(index));
  const name = endpoint?.name ?? (/^\d+$/.test(named) ? Number(named) : named);
  const counter = await openCounter(io, options);
  let failed = 0;
  let ended = record.done;
  try {
    for await (const item of client.map(name, data, { concurrency: options.concurrency ?? CONCURRENCY, signal })) {
      const { index, input } = source.take(item.index);
      const outcome =
        item.error === undefined ? await saved(client, item.result, { signal, options }) : problem(item.error);
      if ("error" in outcome) failed++;
      await record.write({ index, input, ...outcome });
      ended++;
      const total = source.total === undefined ? "" : ` of ${source.total}`;
      counter.show(`${ended}${total} ended, ${failed} failed`);
    }
  } finally {
    counter.end();
  }
  return failed;
}

type Outcome = { result: unknown } | { error: { code: string; message: string } };

async function saved(
  client: Client,
  result: unknown,
  { signal, options: { out } }: Pick<Run<BatchOptions>, "signal" | "options">,
): Promise<Outcome> {
  if (out === undefined) return { result };
  try {
    return { result: await saveFiles(client, result, out, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return problem(error);
  }
}

function problem(error: unknown): Outcome {
  const { code, message } = errorJson(error) as { code: string; message: string };
  return { error: { code, message } };
}
