import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { UsageError } from "../exit.ts";
import { type Io, write } from "../io.ts";

/** Line of the output for the record of one input. */
export type KeyedLine = { index: number; key: string; input: unknown } & (
  | { result: unknown }
  | { error: { code: string; message: string } }
);

/** A file of lines, or stdout. */
export interface Lines {
  write(line: KeyedLine): Promise<void>;
  /** Ends the file when each line has been written: lines of earlier runs are gone then. */
  complete(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens an output of a batch with a store. The store is the record: a file is written anew from it, from the first line on.
 *
 * @param path - the file; stdout without one.
 * @param isOurs - whether a key belongs to the inputs.
 * @throws UsageError for a file that cannot be written, or has lines of other inputs.
 */
export async function openLines(path: string | undefined, isOurs: (key: string) => boolean, io: Io): Promise<Lines> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (path === undefined) return { write: (line) => write(io.stdout, text(line)), complete: nothing, close: nothing };
  const file = await opened(path);
  try {
    await refuseOthers(path, isOurs);
  } catch (error) {
    await file.close();
    throw error;
  }
  let isEmptied = false;
  const empty = async (): Promise<void> => {
    if (!isEmptied) await file.truncate(0);
    isEmptied = true;
  };
  return {
    async write(line) {
      await empty();
      await file.write(text(line));
    },
    complete: empty,
    close: () => file.close(),
  };
}

function text(line: KeyedLine): string {
  return `${JSON.stringify(line)}\n`;
}

async function opened(path: string): Promise<FileHandle> {
  return await open(path, "a").catch((error: Error) => {
    throw new UsageError(`${path} cannot be written: ${error.message}.`);
  });
}

/** Throws UsageError for a file that is not the output of these inputs. */
async function refuseOthers(path: string, isOurs: (key: string) => boolean): Promise<void> {
  for await (const row of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const key = keyOf(row);
    if (key !== "torn" && (key === null || !isOurs(key.key)))
      throw new UsageError(
        `${path} records other inputs, or was written without --store. Name another file, or remove this one.`,
      );
  }
}

/** Returns the key of a line; `null` for a line that no batch with a store writes. */
function keyOf(row: string): { key: string } | "torn" | null {
  try {
    const line = JSON.parse(row) as Partial<KeyedLine> | null;
    return typeof line === "object" && line !== null && "input" in line && typeof line.key === "string"
      ? { key: line.key }
      : null;
  } catch {
    return isTorn(row) ? "torn" : null;
  }
}

/** Whether a text is the beginning of a line of an output: the process or the disk ended in the middle of it. */
export function isTorn(row: string): boolean {
  const beginning = '{"index":';
  return row.startsWith(beginning) || beginning.startsWith(row);
}
