import { type FileContent, FileHandle, type FileOptions, handleFile as handle, InputError } from "@gradio-rx/core";
import { type SaveFile } from "@gradio-rx/core/platform";
import { type FileHandle as OpenFile, mkdir, mkdtemp, open, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { diskFile } from "./disk.ts";
import { numbered, safeName } from "./names.ts";

/** Most bytes that wait to be written. */
const AHEAD = 1_048_576;

/**
 * Says that something is a file: a Blob, bytes or a stream, under a name and a type; the address of a file, which the app
 * fetches itself; or a file of this machine, by path or `file:` URL, which is read as it is sent.
 *
 * @throws InputError for what is none of these. A path that leads nowhere fails the call that uses it.
 * @example
 * ```ts
 * await client.predict("/transcribe", { audio: handleFile("audio.wav") });
 * ```
 */
export function handleFile(file: FileContent | URL | string, options: FileOptions = {}): FileHandle {
  const path = localPath(file);
  if (path === undefined) return handle(file, options);
  return new FileHandle(() => diskFile(path, options.mimeType), { ...options, name: options.name ?? basename(path) });
}

function localPath(file: FileContent | URL | string): string | undefined {
  if (file instanceof URL) return file.protocol === "file:" ? fileURLToPath(file) : undefined;
  if (typeof file !== "string" || /^(https?|data|blob):/i.test(file)) return undefined;
  if (file === "") throw new InputError("handleFile was given an empty path.");
  return file.startsWith("file:") ? fileURLToPath(file) : file;
}

/**
 * Makes a function that takes paths inside a folder, and no others: links that lead out of it are followed first.
 *
 * @param folder - paths are relative to it.
 */
export function fileInside(folder: string): (path: string) => FileHandle {
  return (path) => {
    const source = async (): Promise<Blob> => {
      const whole = await realpath(resolve(folder, path)).catch(() => resolve(folder, path));
      const away = relative(await realpath(folder), whole);
      if (away === "" || away.startsWith("..") || isAbsolute(away))
        throw new InputError(`${JSON.stringify(path)} is not inside the folder that localFiles names.`);
      return await diskFile(whole, undefined);
    };
    return new FileHandle(source, { name: basename(path) });
  };
}

/**
 * Writes a file into a folder, under a name that the server gave. The file appears under its name when it is whole; one that
 * is there already is not touched.
 *
 * @param dir - made where it is missing.
 * @returns the path written, always inside `dir`.
 */
export async function saveFile(dir: string, name: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  await mkdir(dir, { recursive: true });
  const folder = await realpath(dir);
  const part = join(folder, `.${crypto.randomUUID()}.part`);
  const file = await open(part, "wx");
  try {
    // What comes while a piece is being written goes out as the next one.
    await pipeline(chunks, file.createWriteStream({ highWaterMark: AHEAD }));
    return await claim(folder, safeName(name), part);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/** Makes a function that writes files into a folder, or (`true`) into a new one among the system's temporary ones. */
export function saverInto(dir: string | true): SaveFile {
  let temporary: Promise<string> | undefined;
  return async ({ name }, chunks) =>
    await saveFile(dir === true ? await (temporary ??= mkdtemp(join(tmpdir(), "gradio-rx-"))) : dir, name, chunks);
}

/** Takes the first name that is free, and moves the whole file there. */
async function claim(folder: string, name: string, part: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = join(folder, numbered(name, number));
    const place = await reserve(path);
    if (!place) continue;
    await place.close();
    await rename(part, path);
    return path;
  }
}

/** An empty file of our own under that name; `null` where there is something already, a link too. */
async function reserve(path: string): Promise<OpenFile | null> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return null;
    throw error;
  }
}
