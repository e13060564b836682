import { type Client, handleFile, type MapItem } from "@gradio-rx/node";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Counts of one file, or the message of its error. */
export interface Row {
  file: string;
  lines?: number;
  words?: number;
  error?: string;
}

interface Counts {
  lines: number;
  words: number;
}

/**
 * Sends each text file of a folder to the endpoint `/measure`, four at a time. Writes the results to a file as a JSON array, in the
 * order of their names. The result of a failed file contains its error, and the other files are still sent.
 *
 * @param onProgress - called after each file.
 * @returns the results.
 */
export async function measureFolder(
  client: Client,
  folder: string,
  output: string,
  onProgress: (done: number, total: number) => void,
): Promise<Row[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).toSorted();
  const files = names.map((name) => [handleFile(join(folder, name))]);
  const rows: Row[] = [];
  const options = { concurrency: 4, ordered: true, retry: { attempts: 3 } };
  for await (const item of client.map<Counts>("/measure", files, options)) {
    rows.push(toRow(names[item.index]!, item));
    onProgress(rows.length, names.length);
  }
  await writeFile(output, `${JSON.stringify(rows, null, 2)}\n`);
  return rows;
}

function toRow(file: string, item: MapItem<Counts>): Row {
  return item.error === undefined ? { file, ...item.result } : { file, error: String(item.error) };
}
