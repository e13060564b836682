import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Batch, BatchRecord } from "@gradio-rx/batch";

/** Creates a folder that is deleted at the end of the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradio-rx-batch-spec-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the path of a store that is deleted at the end of the test. */
export function storePath(): string {
  return join(makeFolder(), "batch.sqlite");
}

/** Closes a batch at the end of the test. */
export function closing<One extends Batch>(batch: One): One {
  onTestFinished(() => batch.close());
  return batch;
}

/** Returns all records of a batch, when it has ended. */
export async function recordsOf<T>(batch: Batch<T>): Promise<Array<BatchRecord<T>>> {
  const records: Array<BatchRecord<T>> = [];
  for await (const record of batch.results()) records.push(record);
  return records;
}

/** Returns numbers from 0 on. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
