import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../exit.ts";
import { type Io, write } from "../io.ts";

/** Outcome of one input. */
export type Line =
  | { index: number; input: unknown; result: unknown }
  | { index: number; input: unknown; error: { code: string; message: string } };

/** The lines of a batch: those of earlier runs, and those that are added. */
export interface Record {
  /** Indexes of the inputs that have a result. */
  done: ReadonlySet<number>;
  write: (line: Line) => Promise<void>;
  close: () => Promise<void>;
}

/**
 * Opens the file that a batch is recorded in, and continues it where it exists: lines with a result stay, failed and torn
 * ones are removed, as their inputs run again.
 *
 * @param path - the file; stdout without one.
 * @throws UsageError for a file that records other inputs, before anything is sent.
 */
export async function openRecord(path: string | undefined, inputs: readonly unknown[], io: Io): Promise<Record> {
  if (path === undefined)
    return { done: new Set(), write: (line) => write(io.stdout, text(line)), close: () => Promise.resolve() };
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new UsageError(`${path} cannot be read: ${error.message}.`);
  });
  const kept = finished(before, inputs, path);
  const lines = [...kept.values()].map(text).join("");
  if (before !== lines) await replace(path, lines);
  const file = await opened(path);
  return {
    done: new Set(kept.keys()),
    write: async (line) => void (await file.write(text(line))),
    close: () => file.close(),
  };
}

function text(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

async function opened(path: string): Promise<FileHandle> {
  return await open(path, "a").catch((error: Error) => {
    throw new UsageError(`${path} cannot be written: ${error.message}.`);
  });
}

/** Writes a file as a whole: an end in the middle leaves the one before. */
async function replace(path: string, content: string): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}.`);
  }
}

/** The recorded lines that have a result, by index. */
function finished(recorded: string, inputs: readonly unknown[], path: string): Map<number, Line> {
  const kept = new Map<number, Line>();
  for (const row of recorded.split("\n")) {
    const line = parsed(row);
    if (!line) continue;
    if (!isDeepStrictEqual(line.input, json(inputs[line.index])))
      throw new UsageError(
        `${path} records other inputs: its index ${line.index} differs. Name another file, or remove this one.`,
      );
    if ("result" in line) kept.set(line.index, line);
  }
  return kept;
}

/** A recorded line; `undefined` for a blank or a torn one. */
function parsed(row: string): Line | undefined {
  try {
    const line = JSON.parse(row) as Partial<Line> | null;
    const isLine = typeof line === "object" && line !== null && Number.isInteger(line.index) && "input" in line;
    return isLine && ("result" in line || "error" in line) ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}

/** The input as JSON gives it back. */
function json(input: unknown): unknown {
  return input === undefined ? undefined : (JSON.parse(JSON.stringify(input)) as unknown);
}
