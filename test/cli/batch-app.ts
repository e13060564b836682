import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as gr from "@gradio-rx/testing";
import { serve } from "./app.ts";

/** Options of {@link counting}. */
interface CountingOptions {
  /** Waits in each run. */
  wait?: (value: number) => Promise<unknown>;
  /** Whether an input fails. */
  fails?: (value: number) => boolean;
}

/** Serves an app whose endpoint `/double` counts the runs of each input until the test ends. */
export async function counting({ wait = async () => undefined, fails = () => false }: CountingOptions = {}) {
  const runs = new Map<number, number>();
  const double = gr.endpoint({
    inputs: [gr.number("value")],
    outputs: [gr.number("double")],
    parameters: ["value"],
    concurrencyLimit: 8,
    fn: async (value: number) => {
      runs.set(value, (runs.get(value) ?? 0) + 1);
      await wait(value);
      if (fails(value)) throw new gr.AppFailure(`${value} fails`);
      return value * 2;
    },
  });
  const app = await serve({ double });
  return { app, url: app.url, runs };
}

/** A line of the output of a batch. */
export interface OutputLine {
  index: number;
  key: string;
  input: unknown;
  result?: unknown;
  error?: { code: string; message: string };
}

/** Files of a batch in a temporary folder. */
export interface BatchFolder {
  path: (name: string) => string;
  /** Lines of a file, in the order of their indexes. */
  lines: (name: string) => Promise<OutputLine[]>;
}

/** Makes a folder with a file `in.jsonl`, whose inputs have the fields `id` and `value`. */
export async function folderOf(values: readonly number[]): Promise<BatchFolder> {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-batch-"));
  const path = (name: string): string => join(dir, name);
  await writeFile(path("in.jsonl"), values.map((value) => `{"id":"n${value}","value":${value}}\n`).join(""));
  return { path, lines: async (name) => linesOf(await readFile(path(name), "utf8")) };
}

/** Parses lines of JSON, in the order of their indexes. */
export function linesOf(text: string): OutputLine[] {
  const rows = text.split("\n").filter((row) => row !== "");
  return rows.map((row) => JSON.parse(row) as OutputLine).toSorted((a, b) => a.index - b.index);
}
