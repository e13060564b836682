import type { Batch, BatchProgress, BatchRecord } from "@gradio-rx/batch";
import type { EndpointInfo } from "@gradio-rx/node";
import { limited } from "../connect.ts";
import { errorJson, exitCodes } from "../exit.ts";
import { write } from "../io.ts";
import type { Run } from "../run.ts";
import { type BatchDisplay, openBatchDisplay } from "../terminal/batch-display.ts";
import { InputFile } from "./input-file.ts";
import { KeyedInputs } from "./keyed.ts";
import { type KeyedLine, type Lines, openLines } from "./lines.ts";
import { retryKeys } from "./look.ts";
import type { BatchOptions, Plan } from "./plan.ts";
import { copiesOf, describeEndpoint, stopOnAbort, warningsOf } from "./setting.ts";
import { type LoadedStore, loadStore } from "./store.ts";

type RunPlan = Extract<Plan, { kind: "run" }>;

/** Outputs of a batch. */
interface Outputs {
  results: Lines;
  /** Lines of failures; the same as `results` without `--errors`. */
  errors: Lines;
}

/** Feeds a batch with a store and runs its inputs, until each of them has a record. */
export async function feedBatch(given: Run<BatchOptions>, plan: RunPlan): Promise<number> {
  const { options } = given;
  const run = { ...given, signal: limited(given) };
  const loaded = await loadStore(plan.store);
  const file = await InputFile.open(run, plan.file, options);
  try {
    const endpoint = await describeEndpoint(run, plan, run.signal);
    const { keyOf } = loaded.package;
    const inputs = await KeyedInputs.read(file, { field: options.key, endpoint, keyOf }, run.signal);
    return await feedInputs(run, { plan, loaded, endpoint, inputs });
  } finally {
    await file.close();
  }
}

/** Runs the inputs, and writes the outputs. */
async function feedInputs(run: Run<BatchOptions>, work: Omit<Work, "display" | "outputs">): Promise<number> {
  const { io, options } = run;
  const isOurs = (key: string): boolean => work.inputs.has(key);
  const results = await openLines(options.output, isOurs, io);
  const errors = options.errors === undefined ? results : await openLines(options.errors, isOurs, io);
  const display = await openBatchDisplay(io, options);
  try {
    if (options.retry) await retryKeys(work.loaded, options.retry, warningsOf(display));
    return await follow(run, { ...work, display, outputs: { results, errors } });
  } finally {
    display.end();
    await results.close();
    if (errors !== results) await errors.close();
  }
}

interface Work {
  plan: RunPlan;
  loaded: LoadedStore;
  endpoint: EndpointInfo;
  inputs: KeyedInputs;
  display: BatchDisplay;
  outputs: Outputs;
}

/** Runs the batch, and writes a line for each record of its inputs. */
async function follow(run: Run<BatchOptions>, work: Work): Promise<number> {
  const { signal } = run;
  const { inputs, display, outputs } = work;
  const counts = { succeeded: 0, failed: 0 };
  const closing = new AbortController();
  const batch = await startBatch(run, work, closing.signal);
  const removeListener = stopOnAbort(batch, signal, display);
  let latest: BatchProgress | null = null;
  const show = (): void =>
    display.show({
      ended: counts.succeeded + counts.failed,
      failed: counts.failed,
      total: inputs.size,
      progress: latest,
    });
  const events = batch.progress$.subscribe({
    next: (progress) => {
      latest = progress;
      show();
      void writeEvent(run, { type: "progress", ...progress });
    },
    error: () => undefined,
  });
  try {
    for await (const record of batch.results()) {
      const found = await inputs.find(record.key);
      // A record of other inputs, of which the store may have some.
      if (!found) continue;
      counts[record.error ? "failed" : "succeeded"]++;
      await (record.error ? outputs.errors : outputs.results).write(lineOf(record, found));
    }
    await outputs.results.complete();
    await outputs.errors.complete();
    await writeEvent(run, { type: "result", data: counts });
    return counts.failed > 0 ? exitCodes.no : exitCodes.done;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    show();
    events.unsubscribe();
    removeListener();
    await batch.close();
    // Ends attempts to connect that still wait, as for a Space that starts.
    closing.abort();
  }
}

async function startBatch(
  run: Run<BatchOptions>,
  { plan, loaded, endpoint, inputs, display }: Work,
  signal: AbortSignal,
): Promise<Batch> {
  const { concurrency, out } = run.options;
  const apps = await copiesOf(run, plan.apps);
  return loaded.package.runBatch({
    store: loaded.store,
    apps,
    connect: { signal },
    endpoint: endpoint.name,
    inputs: inputs.data(),
    key: (data: object) => inputs.keyOf(data),
    logger: warningsOf(display),
    ...(endpoint.stateful ? { call: { isolate: true } } : {}),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(out === undefined ? {} : { files: { to: out } }),
  });
}

function lineOf(record: BatchRecord, { index, input }: { index: number; input: unknown }): KeyedLine {
  const { key } = record;
  if (!record.error) return { index, key, input, result: record.result };
  const { code, message } = errorJson(record.error) as { code: string; message: string };
  return { index, key, input, error: { code, message } };
}

/** Writes an event with `--json`, unless stdout has the lines of the results. */
async function writeEvent({ io, options }: Run<BatchOptions>, event: object): Promise<void> {
  if (options.json && options.output !== undefined) await write(io.stdout, `${JSON.stringify(event)}\n`);
}
