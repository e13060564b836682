import { createReadStream } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { type FileData, handleFile, InputError } from "@gradio-rx/node";
import type { BatchClient } from "./copies/copy.ts";
import { hash } from "./key.ts";

/** Options for files of inputs and results. */
export interface BatchFiles {
  /** Folder of the paths in `{ "$file": path }`. Every worker has to see it. Default: paths are refused. */
  from?: string | undefined;
  /** Folder in which files of results are saved before a result is recorded; they then have `localPath`. Default: not saved. */
  to?: string | undefined;
  /**
   * Saves a file of a result in another place, such as an object storage. Its return value replaces the file in the record. Used in
   * place of `to`. Default none.
   */
  save?: ((file: FileData, details: SaveDetails) => unknown) | undefined;
}

/** Details of a file that `save` receives. */
export interface SaveDetails {
  key: string;
  /** Downloads the file, and returns its bytes. */
  open: () => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Returns the data of a call with its files: `{ "$file": "https://…" }` is passed to the app, which downloads it; another text is a path
 * inside the folder `from`.
 *
 * @throws InputError for a path outside of the folder, or without such a folder.
 */
export async function withFiles(value: unknown, from: string | undefined): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((part) => withFiles(part, from)));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value as Record<string, unknown>);
  const [first] = entries;
  if (entries.length === 1 && first![0] === "$file") return await fileOf(first![1], from);
  const parts = entries.map(async ([name, part]) => [name, await withFiles(part, from)] as const);
  return Object.fromEntries(await Promise.all(parts));
}

async function fileOf(address: unknown, from: string | undefined): Promise<unknown> {
  if (typeof address !== "string") throw new InputError('The value of "$file" has to be a URL or a path.');
  if (/^https?:\/\//i.test(address)) return handleFile(address);
  const name = JSON.stringify(address);
  if (from === undefined)
    throw new InputError(`The file ${name} is a path. Set the option "files.from" to the folder that contains it.`);
  const [folder, path] = await Promise.all([from, resolve(from, address)].map(async (one) => await real(one, name)));
  if (!path!.startsWith(folder! + sep))
    throw new InputError(`The file ${name} is outside of the folder of the option "files.from".`);
  return handleFile(path!);
}

async function real(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new InputError(`The file ${name} does not exist in the folder of the option "files.from".`, { cause });
  }
}

/** Saves each file of a result, and returns the result with what saving returned. */
export async function saveFiles(
  client: BatchClient,
  result: unknown,
  { files, key, signal }: { files: BatchFiles; key: string; signal: AbortSignal },
): Promise<unknown> {
  const { to, save } = files;
  if (save) return await mapFiles(result, (file) => saveElsewhere(client, file, { save, key, signal }));
  if (to === undefined) return result;
  // A folder for each key: files of other keys may have the same names.
  const dir = join(to, hash(key).slice(0, 16));
  return await mapFiles(result, async (file) => ({ ...file, localPath: await client.download(file, { dir, signal }) }));
}

async function saveElsewhere(
  client: BatchClient,
  file: FileData,
  { save, key, signal }: { save: NonNullable<BatchFiles["save"]>; key: string; signal: AbortSignal },
): Promise<unknown> {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-batch-"));
  try {
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      createReadStream(await client.download(file, { dir, signal }));
    return await save(file, { key, open });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function mapFiles(value: unknown, change: (file: FileData) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(value)) {
    const parts: unknown[] = [];
    for (const part of value) parts.push(await mapFiles(part, change));
    return parts;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isFile(value)) return await change(value);
  const parts: Array<[string, unknown]> = [];
  for (const [name, part] of Object.entries(value)) parts.push([name, await mapFiles(part, change)]);
  return Object.fromEntries(parts);
}

function isFile(value: object): value is FileData {
  return "path" in value && "url" in value && "origName" in value;
}
