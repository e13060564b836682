import { readFile } from "node:fs/promises";
import { checkFile } from "../data/files.ts";
import { readAll } from "../io.ts";
import type { Run } from "../run.ts";
import type { Format } from "./inputs.ts";

/** Reads the file of the inputs, or stdin for `-`. Throws UsageError for a file that cannot be read. */
export async function readInput({ io, signal }: Run, file: string): Promise<string> {
  if (file === "-") return await readAll(io.stdin, signal);
  checkFile(file);
  return await readFile(file, "utf8");
}

/** Returns the format of a file: the one of `--format`, else by the ending of its name. */
export function formatOf(file: string, { format }: { format?: Format }): Format {
  return format ?? (/\.csv$/i.test(file) ? "csv" : "jsonl");
}
