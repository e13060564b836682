import { type FileContent, FileHandle, type FileOptions, handleFile as handle, InputError } from "@gradio-rx/core";
import type { SaveFile } from "@gradio-rx/core/platform";
import { type FileHandle as OpenFile, lstat, mkdir, mkdtemp, open, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { diskFile } from "./disk.ts";
import { isNetworkPath, pathOfUrl } from "./local-paths.ts";
import { numbered, safeName } from "./names.ts";

/** Maximum number of bytes that wait to be written. */
const WRITE_BUFFER = 1_048_576;

/** Maximum number of names whose next number is remembered. */
const MAX_REMEMBERED = 1_000;

/**
 * Marks a value as a file: a Blob, bytes or a stream, with a name and a type; the http(s) address of a file, which the app
 * downloads itself; or a file of this machine, by path or `file:` URL. A file of this machine is read while it is sent, so
 * memory use does not grow with its size.
 *
 * @throws InputError for anything else. A path that does not exist fails the call that uses it, with UploadError.
 * @example
 * ```ts
 * await client.predict("/transcribe", { audio: handleFile("audio.wav") });
 * ```
 */
export function handleFile(file: FileContent | URL | string, options: FileOptions = {}): FileHandle {
  const path = pathOf(file);
  if (path === undefined) return handle(file, options);
  return new FileHandle(() => diskFile(path, options.mimeType), { ...options, name: options.name ?? basename(path) });
}

function pathOf(file: FileContent | URL | string): string | undefined {
  if (file instanceof URL) return file.protocol === "file:" ? pathOfUrl(file) : undefined;
  if (typeof file !== "string" || /^(https?|data|blob):/i.test(file)) return undefined;
  if (file === "") throw new InputError("The path for handleFile is empty.");
  return /^file:/i.test(file) ? pathOfUrl(file) : file;
}

/**
 * Makes a file of any path of this machine that is passed as data; a path of another machine is refused.
 *
 * @throws InputError
 */
export function anyLocalFile(path: string): FileHandle {
  const local = /^file:/i.test(path) ? pathOfUrl(path) : path;
  if (isNetworkPath(local))
    throw new InputError(
      `${JSON.stringify(path.slice(0, 200))} is a path of another machine. Use handleFile to pass it.`,
    );
  return handleFile(local);
}

/** Finds free names for files in folders, and remembers the next number of names that were taken. */
export class FreeNames {
  readonly #next = new Map<string, number>();

  /**
   * Reserves the first free name of `name`, `name (2)` … by an empty file.
   *
   * @returns the path.
   */
  async reserve(folder: string, name: string): Promise<string> {
    // On a case-insensitive disk, names that differ only in case are the same name.
    const key = join(folder, name).toLowerCase();
    for (let number = this.#next.get(key) ?? 1; ; number = await nextFree(folder, name, number)) {
      const path = join(folder, numbered(name, number));
      const file = await create(path);
      if (!file) continue;
      await file.close();
      if (this.#next.size >= MAX_REMEMBERED) this.#next.clear();
      if (number > 1) this.#next.set(key, number + 1);
      return path;
    }
  }
}

/** Returns a number after `taken` whose name is free, in a number of steps that grows with the logarithm of the names. */
async function nextFree(folder: string, name: string, taken: number): Promise<number> {
  const isTaken = async (number: number): Promise<boolean> =>
    await lstat(join(folder, numbered(name, number))).then(
      () => true,
      () => false,
    );
  let used = taken;
  let step = 1;
  while (await isTaken(used + step)) [used, step] = [used + step, step * 2];
  let free = used + step;
  while (free - used > 1) {
    const middle = Math.floor((used + free) / 2);
    if (await isTaken(middle)) used = middle;
    else free = middle;
  }
  return free;
}

/** Creates an empty file; returns `null` where something has that name, a symbolic link too. */
async function create(path: string): Promise<OpenFile | null> {
  try {
    return await open(path, "wx");
  } catch (error) {
    // The errors of Node are not instances of the Error of a test environment such as Jest.
    if (Reflect.get(Object(error), "code") === "EEXIST") return null;
    throw error;
  }
}

/**
 * Writes a file into a folder, under a safe form of the name that the server gave. The file gets that name when it is
 * complete. An existing file is never replaced: then the new one gets a number, as in `cat (2).png`.
 *
 * @param dir - created where it does not exist.
 * @returns the path of the file, always inside `dir`.
 */
export async function saveFile(
  dir: string,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  names: FreeNames = new FreeNames(),
): Promise<string> {
  await mkdir(dir, { recursive: true });
  const folder = await realpath(dir);
  const part = join(folder, `.${crypto.randomUUID()}.part`);
  const file = await open(part, "wx");
  try {
    // Chunks that arrive while another is being written are written together.
    await pipeline(chunks, file.createWriteStream({ highWaterMark: WRITE_BUFFER }));
    const path = await names.reserve(folder, safeName(name));
    await rename(part, path);
    return path;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/** Returns a function that writes files into a folder; for `true` into a new folder for temporary files. */
export function saverInto(dir: string | true): SaveFile {
  const names = new FreeNames();
  let temporary: Promise<string> | undefined;
  const folder = async (): Promise<string> =>
    dir === true ? await (temporary ??= mkdtemp(join(tmpdir(), "gradio-rx-"))) : dir;
  return async ({ name }, chunks) => await saveFile(await folder(), name, chunks, names);
}
