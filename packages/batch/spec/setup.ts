import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Batch, BatchRecord } from "@gradio-rx/batch";
import { AppFailure, endpoint, number, serveApp } from "@gradio-rx/testing";

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

/** Time that a condition has to come true. */
export const patient = { timeout: 20_000 };

/** Serves an app that counts the runs of each input of `/count` until the test ends. The endpoint returns its input. Negative inputs fail. */
export async function counting(wait: (value: number) => Promise<unknown> = async () => undefined) {
  const runs = new Map<number, number>();
  const count = endpoint({
    inputs: [number("value")],
    outputs: [number("same")],
    concurrencyLimit: 8,
    fn: async (value: number) => {
      runs.set(value, (runs.get(value) ?? 0) + 1);
      await wait(value);
      if (value < 0) throw new AppFailure(`${value} is negative`);
      return value;
    },
  });
  const app = await serveApp({ "/count": count });
  onTestFinished(() => app.close());
  return { app, runs };
}

/** Returns inputs of `/count` from 0 on. */
export function pairs(count: number): number[][] {
  return numbers(count).map((value) => [value]);
}

/** Returns the key of an input of `/count`. */
export function key([value]: number[]): string {
  return `n${value}`;
}

/** Returns numbers from 0 on. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
