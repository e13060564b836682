import { type FileData, type FileInput, handleFile, InputError, type ParameterInfo } from "@gradio-rx/node";
import { accessSync, constants, statSync } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { UsageError } from "../exit.ts";

/** Stdin, which one value of a call can be read from. */
export class Stdin {
  readonly stream: Readable;
  #isTaken = false;

  constructor(stream: Readable) {
    this.stream = stream;
  }

  /** The stream, once. Throws UsageError for a second reader. */
  take(): Readable {
    if (this.#isTaken) throw new UsageError("Stdin can be read once: only one value can be - or @-.");
    this.#isTaken = true;
    return this.stream;
  }
}

/** Makes the files of texts in a file's place: `@path` and `@-`. Throws InputError for any other text. */
export function localFiles(stdin: Stdin): (text: string) => FileInput {
  return (text) => {
    if (text === "@-") return handleFile(stdin.take(), { name: "stdin" });
    if (text.startsWith("@")) return localFile(text.slice(1));
    throw new InputError(
      `${JSON.stringify(text.slice(0, 200))} stands in a file's place: write @path for a local file, @- for stdin, or an http(s) address.`,
    );
  };
}

/**
 * A file of this machine.
 *
 * @throws UsageError where it cannot be read.
 */
export function localFile(path: string): FileInput {
  checkFile(path);
  return handleFile(path);
}

/** Checks that a path is a file that can be read. Throws UsageError. */
export function checkFile(path: string): void {
  try {
    if (!statSync(path).isFile()) throw new UsageError(`${path} is not a file.`);
    accessSync(path, constants.R_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}

/**
 * JSON data with its files: an object as Gradio writes files, without a `url`, stands for a file to upload, or for an address.
 */
export function withFiles(data: unknown): unknown {
  return mapMarked(data, (path) => (isUrl(path) ? handleFile(path) : localFile(path)));
}

/** The same data with references that can be written as JSON in the places of such objects: `@path`, or `{ "$file": url }`. */
export function withReferences(data: unknown): unknown {
  return mapMarked(data, (path) => (isUrl(path) ? { $file: path } : `@${path}`));
}

/** Replaces each object that is a file as Gradio writes it, without a `url`. */
function mapMarked(data: unknown, make: (path: string) => unknown): unknown {
  if (Array.isArray(data)) return data.map((part) => mapMarked(part, make));
  if (typeof data !== "object" || data === null) return data;
  const fields = data as Record<string, unknown>;
  const { path, url, meta } = fields;
  const mark = typeof meta === "object" && meta !== null ? (meta as Record<string, unknown>)["_type"] : undefined;
  if (mark !== "gradio.FileData" || typeof path !== "string" || (url !== undefined && url !== null))
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, mapMarked(value, make)]));
  return make(path);
}

function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** A text in a file's place: the address of one of the app's own files is that file, which the app need not fetch. */
export function ownFile(text: string, parameter: ParameterInfo, app: string): unknown {
  if ((parameter.file !== "one" && parameter.file !== "many") || !text.startsWith(app)) return text;
  const [, encoded] = /^(?:gradio_api\/)?file=([^?#]+)/.exec(text.slice(app.length)) ?? [];
  if (encoded === undefined) return text;
  const path = decode(encoded);
  const file: FileData = {
    path,
    url: text,
    origName: basename(path) || null,
    size: null,
    mimeType: null,
    isStream: false,
  };
  return file;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
