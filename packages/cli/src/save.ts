import type { Client } from "@gradio-rx/node";
import { filesIn, mapFiles } from "./output.ts";

/** Saves every file of a result inside a folder; the files carry `localPath` then. */
export async function saveFiles(client: Client, result: unknown, dir: string, signal: AbortSignal): Promise<unknown> {
  const paths = new Map<unknown, string>();
  for (const file of filesIn(result)) paths.set(file, await client.download(file, { dir, signal }));
  return mapFiles(result, (file) => ({ ...file, localPath: paths.get(file) }));
}
