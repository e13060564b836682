import { constants, createReadStream, createWriteStream } from "node:fs";
import { access, open, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../exit.ts";
import { type Io, write } from "../io.ts";
import type { InputFile } from "./input-file.ts";
import { isTorn } from "./lines.ts";
import { rawLines } from "./raw-lines.ts";

/** Outcome of one input. */
export type Line =
  | { index: number; input: unknown; result: unknown }
  | { index: number; input: unknown; error: { code: string; message: string } };

/** The lines of a batch: those of earlier runs, and those that are added. */
export interface Record {
  /** Number of inputs that have a result. */
  done: number;
  /** Whether the input at an index has a result. */
  isDone: (index: number) => boolean;
  write: (line: Line) => Promise<void>;
  close: () => Promise<void>;
}

/**
 * Opens the file that a batch is recorded in, and continues it where it exists: lines with a result stay, failed and torn
 * ones are removed, as their inputs run again.
 *
 * @param path - the file; stdout without one.
 * @param inputs - the inputs; `undefined` for a file that does not exist yet or is empty.
 * @throws UsageError for a file that records other inputs, before anything is sent.
 */
export async function openRecord(path: string | undefined, inputs: InputFile | undefined, io: Io): Promise<Record> {
  const done = new Indexes(inputs?.count ?? 0);
  if (path === undefined)
    return {
      done: 0,
      isDone: () => false,
      write: (line) => write(io.stdout, text(line)),
      close: async () => undefined,
    };
  if (inputs) await keepFinished(path, inputs, done);
  const file = await open(path, "a").catch((error: Error) => {
    throw cannotBe("written", path, error);
  });
  return {
    done: done.size,
    isDone: (index) => done.has(index),
    write: async (line) => void (await file.write(text(line))),
    close: () => file.close(),
  };
}

/** A set of indexes that takes one byte for each. */
class Indexes {
  readonly #flags: Uint8Array;
  size = 0;

  constructor(count: number) {
    this.#flags = new Uint8Array(count);
  }

  has(index: number): boolean {
    return this.#flags[index] === 1;
  }

  add(index: number): void {
    this.#flags[index] = 1;
    this.size++;
  }
}

function text(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** Keeps the lines of a file that have a result. The file is replaced as a whole: an end in the middle leaves the one before. */
async function keepFinished(path: string, inputs: InputFile, done: Indexes): Promise<void> {
  const size = await sizeOf(path);
  if (size === 0) return;
  const beside = `${path}.${process.pid}.tmp`;
  const kept = { bytes: 0, areAll: true };
  try {
    await pipeline(finished(path, { inputs, done, kept }), createWriteStream(beside));
    if (kept.areAll && kept.bytes === size) await rm(beside);
    else await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error instanceof UsageError ? error : cannotBe("written", path, error as Error);
  }
}

/** Returns the size of a file; 0 for one that does not exist. Throws UsageError for one that cannot be read. */
async function sizeOf(path: string): Promise<number> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw cannotBe("read", path, error as Error);
  }
}

interface Finished {
  inputs: InputFile;
  /** Receives the indexes of the lines. */
  done: Indexes;
  /** Receives the size of the lines, and whether they are all lines of the file. */
  kept: { bytes: number; areAll: boolean };
}

/** Yields the lines of a file that have a result. */
async function* finished(path: string, { inputs, done, kept }: Finished): AsyncGenerator<string, void> {
  for await (const rows of rawLines(createReadStream(path)))
    for (const { text: row } of rows) {
      const line = parsed(row);
      if (line === "other") throw otherInputs(path, "it has lines that no batch writes");
      if (line !== "torn" && !isDeepStrictEqual(line.input, json(await inputs.at(line.index))))
        throw otherInputs(path, `its index ${line.index} differs`);
      if (line === "torn" || !("result" in line) || done.has(line.index)) {
        kept.areAll = false;
        continue;
      }
      done.add(line.index);
      kept.bytes += Buffer.byteLength(row) + 1;
      yield `${row}\n`;
    }
}

function cannotBe(what: "read" | "written", path: string, error: Error): UsageError {
  return new UsageError(`${path} cannot be ${what}: ${error.message}.`);
}

function otherInputs(path: string, difference: string): UsageError {
  return new UsageError(`${path} records other inputs: ${difference}. Name another file, or remove this one.`);
}

/** Returns a recorded line; `"torn"` for a blank or a torn one, `"other"` for a line that no batch writes. */
function parsed(row: string): Line | "torn" | "other" {
  try {
    const line = JSON.parse(row) as Partial<Line> | null;
    const isLine = typeof line === "object" && line !== null && Number.isInteger(line.index) && "input" in line;
    return isLine && ("result" in line || "error" in line) ? (line as Line) : "other";
  } catch {
    return isTorn(row.trim()) ? "torn" : "other";
  }
}

/** The input as JSON gives it back. */
function json(input: unknown): unknown {
  return input === undefined ? undefined : (JSON.parse(JSON.stringify(input)) as unknown);
}
