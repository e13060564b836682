import type { Client, EndpointInfo } from "@gradio-rx/node";
import { readFile } from "node:fs/promises";
import { openRecord, type Record as BatchRecord } from "../batch/record.ts";
import { parseInputs } from "../batch/inputs.ts";
import { connect } from "../connect.ts";
import { checkFile, localFiles, Stdin, withFiles } from "../data/files.ts";
import { endpointOf } from "../data/read.ts";
import { errorJson, exitCodes } from "../exit.ts";
import { readAll } from "../io.ts";
import { openCounter } from "../terminal/counter.ts";
import type { CommonOptions, Run } from "../run.ts";
import { saveFiles } from "../save.ts";

/** Options of `batch`. */
export interface BatchOptions extends CommonOptions {
  output?: string;
  concurrency: number;
  format?: "jsonl" | "csv";
  out?: string;
}

/** Calls an endpoint once for each input of a file, and writes a line of JSON for each as it ends. */
export async function batch(run: Run<BatchOptions>, app: string, named: string, file: string): Promise<number> {
  const { io, options } = run;
  const isStdin = file === "-";
  if (!isStdin) checkFile(file);
  const text = isStdin ? await readAll(io.stdin, run.signal) : await readFile(file, "utf8");
  const format = options.format ?? (/\.csv$/i.test(file) ? "csv" : "jsonl");
  // Stdin is the input: no file can be read from it.
  const stdin = new Stdin(io.stdin);
  if (isStdin) stdin.take();
  const { client, signal } = await connect(run, app, { localFiles: localFiles(stdin) });
  try {
    const endpoint = endpointOf(client, named);
    const inputs = parseInputs(text, format, endpoint);
    const record = await openRecord(options.output, inputs, io);
    try {
      const failed = await runAll({ ...run, signal }, { client, endpoint, named, inputs, record });
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
  inputs: readonly unknown[];
  record: BatchRecord;
}

/** Runs the inputs that have no result yet. Returns how many failed. */
async function runAll(
  { io, signal, options }: Run<BatchOptions>,
  { client, endpoint, named, inputs, record }: Work,
): Promise<number> {
  const open = inputs.map((_, index) => index).filter((index) => !record.done.has(index));
  const data = open.map((index) => withFiles(inputs[index]) as object);
  const name = endpoint?.name ?? (/^\d+$/.test(named) ? Number(named) : named);
  const counter = await openCounter(io, options);
  let failed = 0;
  let ended = record.done.size;
  try {
    for await (const item of client.map(name, data, { concurrency: options.concurrency, signal })) {
      const index = open[item.index]!;
      const input = inputs[index];
      const outcome =
        item.error === undefined ? await saved(client, item.result, { signal, options }) : problem(item.error);
      if ("error" in outcome) failed++;
      await record.write({ index, input, ...outcome });
      ended++;
      counter.show(`${ended} of ${inputs.length} ended, ${failed} failed`);
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
