import type { Logger } from "@gradio-rx/node";
import { exitCodes, UsageError } from "../exit.ts";
import { write } from "../io.ts";
import type { Run } from "../run.ts";
import { openBatchDisplay } from "../terminal/batch-display.ts";
import { type BatchOptions, isRedis } from "./plan.ts";
import { warningsOf } from "./setting.ts";
import { type LoadedStore, loadStore } from "./store.ts";

/** Prints the numbers of a batch. It may be running in other processes. */
export async function showStatus({ io, options }: Run<BatchOptions>, given: string): Promise<number> {
  const { store, shown } = await loadStore(given, { mustExist: true });
  const opened = await store.open({ warn: () => undefined, readOnly: true });
  try {
    const rules = await opened.rules();
    if (!rules) throw new UsageError(`The store ${shown} has no batch.`);
    const { succeeded, failed, queued, running } = await opened.counts();
    const shared = opened.isShared ? { paused: await opened.isPaused(), queued, running } : {};
    const status = { store: shown, endpoint: rules.endpoint, succeeded, failed, ...shared };
    await write(io.stdout, options.json ? `${JSON.stringify(status)}\n` : table(status));
    return exitCodes.done;
  } finally {
    await opened.close();
  }
}

function table(status: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(status).map((name) => name.length));
  return Object.entries(status)
    .map(
      ([name, value]) => `${name.padEnd(width)}  ${value === true ? "yes" : value === false ? "no" : String(value)}\n`,
    )
    .join("");
}

/**
 * Lets dead letters run again: at once where workers run, else with the next run.
 *
 * @returns the exit code: 1 where one of the given keys is not the key of a dead letter.
 */
export async function retryAlone({ io, options }: Run<BatchOptions>, given: string): Promise<number> {
  const loaded = await loadStore(given, { mustExist: true });
  const display = await openBatchDisplay(io, options);
  const keys = options.retry!;
  const retried = await retryKeys(loaded, keys, warningsOf(display));
  const what = retried === 1 ? "1 dead letter runs again" : `${retried} dead letters run again`;
  const text = `${what}, ${isRedis(given) ? "in a worker" : "with the next run"}.`;
  await write(io.stdout, `${options.json ? JSON.stringify({ store: loaded.shown, retried }) : text}\n`);
  if (keys === true || retried === keys.length) return exitCodes.done;
  display.note(`Keys without a dead letter: ${keys.length - retried}.`);
  return exitCodes.no;
}

/**
 * Lets dead letters run again.
 *
 * @param keys - their keys; `true` for all.
 * @returns the number of dead letters.
 * @throws UsageError for a store without a batch.
 */
export async function retryKeys(
  { package: batches, store, shown }: LoadedStore,
  keys: readonly string[] | true,
  logger: Logger,
): Promise<number> {
  const opened = await store.open({ warn: (message) => logger.warn(message) });
  try {
    if (!(await opened.rules())) throw new UsageError(`The store ${shown} has no batch.`);
  } finally {
    await opened.close();
  }
  const batch = batches.openBatch(store);
  try {
    return await batch.retry(keys === true ? undefined : keys);
  } finally {
    await batch.close();
  }
}
