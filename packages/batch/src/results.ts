import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { GradioError } from "@gradio-rx/node";
import type { BatchRecord, StoredRecord } from "./records.ts";
import type { OpenStore } from "./store/store.ts";

/** Number of records that are read at once. */
const GROUP = 200;
/** Time between two looks for new records, in milliseconds. */
const LOOK = 100;

/** Returns a record for users: its error has its class again. */
export function toRecord<T>({ time, error, ...record }: StoredRecord): BatchRecord<T> {
  const common = { key: record.key, attempts: record.attempts, app: record.app, time: new Date(time) };
  return error
    ? { ...common, input: record.input, error: GradioError.fromJSON(error) }
    : { ...common, result: record.result as T };
}

/** A batch, as a reader of its records sees it. */
export interface Source {
  store: Promise<OpenStore>;
  /** Resolves at the end of the batch, and rejects when it fails. */
  done: Promise<unknown>;
}

/** Yields each stored record once, in their order, until the batch has ended. */
export async function* readStored({ store, done }: Source): AsyncGenerator<StoredRecord, void> {
  const opened = await store;
  let hasEnded = false;
  let wake: (() => void) | null = null;
  const end = (): void => {
    hasEnded = true;
    wake?.();
  };
  done.then(end, end);
  let place: string | null = null;
  for (;;) {
    // Read before the records are, so that the last ones are not missed.
    const isLast = hasEnded;
    const group = await opened.read(place, GROUP);
    for (const { record } of group) yield record;
    place = group.at(-1)?.place ?? place;
    if (group.length > 0) continue;
    if (isLast) break;
    // Not by `Promise.race` with `done`, which would keep each round in memory until the end.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  await done;
}

/** Files for `Batch.export`. */
export interface ExportFiles {
  /** Path of the file of successes. Default: not written. */
  results?: string | undefined;
  /** Path of the file of failures. Default: not written. */
  errors?: string | undefined;
}

/** Writes the records of a batch as lines of JSON. A file gets its name when it is complete. */
export async function exportRecords(source: Source, { results, errors }: ExportFiles): Promise<void> {
  const lines = { results: open(results), errors: open(errors) };
  const both = [lines.results, lines.errors].filter((file) => file !== null);
  try {
    for await (const record of readStored(source)) await (record.error ? lines.errors : lines.results)?.write(record);
    for (const file of both) await file.end();
  } catch (error) {
    for (const file of both) await file.remove();
    throw error;
  }
}

function open(path: string | undefined) {
  if (path === undefined) return null;
  const part = `${path}.part`;
  const stream = createWriteStream(part);
  const failed = once(stream, "close").then(() => {
    if (stream.errored) throw stream.errored;
  });
  failed.catch(() => undefined);
  return {
    async write({ time, ...record }: StoredRecord): Promise<void> {
      const line = `${JSON.stringify({ ...record, time: new Date(time) })}\n`;
      if (!stream.write(line)) await Promise.race([once(stream, "drain"), failed]);
    },
    async end(): Promise<void> {
      stream.end();
      await finished(stream);
      await rename(part, path);
    },
    async remove(): Promise<void> {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}
