import { InputError } from "../errors.ts";
import { isFields } from "../fields.ts";

/** A file of the app: an output of a call, or an uploaded file. It may be passed to another call as it is. */
export interface FileData {
  /** Path under which the app keeps the file; `""` for a file whose bytes are in `url`. */
  path: string;
  /**
   * Absolute http(s) address of the file, or a `data:` address with its bytes. The address of a file in a private Space is
   * signed (`?__sign=…`), so that elements such as `<img>` can load it: anyone who has the address can read the file until
   * the signature expires, some minutes to hours later. Each output has a new signature, and `download` needs none.
   */
  url: string;
  /** Original name of the file, or `null`. It comes from the app: do not use it as a path. */
  origName: string | null;
  /** Size in bytes, or `null` where unknown. */
  size: number | null;
  /** MIME type, or `null` where unknown. */
  mimeType: string | null;
  /** Whether `url` is the playlist of a media stream that may still grow. */
  isStream: boolean;
  /** Path of the downloaded file on this machine. Only in Node with `downloadFiles`, and only where `isStream` is `false`. */
  localPath?: string;
}

/** A stream of bytes that can be read once: a web stream, or an async iterable such as Node's `Readable`. */
export type FileStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

const handleBrand = Symbol.for("gradio-rx.file-handle");

/**
 * A file with the name and the type under which it is uploaded. Made by {@link handleFile}.
 *
 * `instanceof` compares a brand, so it also works between two copies of the package in one process.
 */
export class FileHandle {
  /** The bytes; an http(s) address, which the app downloads; or a function that opens the bytes when they are needed. */
  readonly source: Blob | FileStream | URL | (() => Promise<Blob>);
  /** Name that the app sees; `undefined` for `file`. */
  readonly name: string | undefined;
  /** MIME type; `undefined` for the type of the source. */
  readonly mimeType: string | undefined;

  constructor(source: FileHandle["source"], options: FileOptions = {}) {
    Object.defineProperty(this, handleBrand, { value: true });
    this.source = source;
    this.name = options.name;
    this.mimeType = options.mimeType;
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && handleBrand in value;
  }
}

/** Options of {@link handleFile}. */
export interface FileOptions {
  /** Name that the app sees. Default: the name of the file, the last part of the address, or `file`. */
  name?: string | undefined;
  /** MIME type. Default: the type of the Blob, else none. */
  mimeType?: string | undefined;
}

/** The bytes of a file. Blobs and buffers of another realm or library are accepted, too. */
export type FileContent = Blob | ArrayBuffer | ArrayBufferView | FileStream;

/** A value for a file parameter. A string is the http(s) address of a file. */
export type FileInput = FileContent | FileHandle | FileData | URL | string;

/** Files of an input element, as `input.files` returns them. */
export interface FileListLike {
  readonly length: number;
  item(index: number): File | null;
  readonly [index: number]: File;
}

/**
 * Marks a value as a file: a Blob, bytes or a stream, with a name and a type; or the http(s) address of a file, which the app
 * downloads itself.
 *
 * @throws InputError for anything else. Files of this machine can be passed in Node only.
 * @example
 * ```ts
 * await client.predict("/caption", [handleFile(blob, { name: "cat.png" })]);
 * await client.predict("/caption", [handleFile("https://example.com/cat.png")]);
 * ```
 */
export function handleFile(file: FileContent | URL | string, options: FileOptions = {}): FileHandle {
  const content = isFields(file) ? fileContent(file) : undefined;
  if (content) return new FileHandle(content, { ...options, name: options.name ?? (fileName(file) || undefined) });
  const url = httpUrl(file);
  if (url) return new FileHandle(url, options);
  const given =
    file instanceof URL || typeof file === "string" ? JSON.stringify(String(file).slice(0, 200)) : typeof file;
  throw new InputError(`handleFile takes a Blob, bytes, a stream or an http(s) address, not ${given}.`);
}

/** Returns the bytes of a value that is a file; `undefined` for a value that is not. */
export function fileContent(value: object): Blob | FileStream | undefined {
  if (isBlob(value)) return value;
  // A view of shared memory cannot be part of a Blob, so the bytes are copied.
  if (ArrayBuffer.isView(value))
    return new Blob([new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()]);
  if (isBuffer(value)) return new Blob([new Uint8Array(value).slice()]);
  return isWebStream(value) || isIterable(value) ? value : undefined;
}

/** Whether a value is a file that can be passed to a file parameter. A URL as a string does not count. */
export function isFile(value: unknown): boolean {
  if (!isFields(value)) return false;
  if (isBlob(value) || value instanceof FileHandle || isFileData(value)) return true;
  return ArrayBuffer.isView(value) || isBuffer(value) || isWebStream(value) || isIterable(value);
}

// The classes of another realm (a frame, a test environment) and of another library are not the global ones: values are
// recognised by their tag and their methods.

/** Whether a value is a Blob or a File. */
export function isBlob(value: unknown): value is Blob {
  if (value instanceof Blob) return true;
  if (!isFields(value) || !/^(Blob|File)$/.test(tagOf(value))) return false;
  return typeof value["size"] === "number" && typeof value["arrayBuffer"] === "function";
}

/** Whether a value is a web stream. */
export function isWebStream(value: object): value is ReadableStream<Uint8Array> {
  return "getReader" in value && typeof value.getReader === "function";
}

/** Returns the files of a FileList or an array; `undefined` for any other value. */
export function fileList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isFields(value) || tagOf(value) !== "FileList") return undefined;
  return Array.from({ length: Number(value["length"]) }, (_, index) => value[String(index)]);
}

/** Whether a value is an ArrayBuffer, or one of shared memory. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return isFields(value) && /^(Shared)?ArrayBuffer$/.test(tagOf(value)) && "byteLength" in value;
}

function isIterable(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === "function";
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** Returns the name of a File, or of Node's stream of a file on disk; `""` for a value without a name. */
export function fileName(file: unknown): string {
  if (typeof file !== "object" || file === null) return "";
  const own = "name" in file ? file.name : "path" in file ? file.path : "";
  return typeof own === "string" ? lastPart(own) : "";
}

/** Returns the URL of a value that is an http(s) address; `undefined` for any other value. */
export function httpUrl(value: unknown): URL | undefined {
  if (!(value instanceof URL) && (typeof value !== "string" || !/^https?:\/\//i.test(value))) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

/** Whether a value has the form of {@link FileData}: an output of one call that is passed to another. */
export function isFileData(value: unknown): value is FileData {
  return isFields(value) && typeof value["path"] === "string" && "origName" in value && "isStream" in value;
}

/** Returns the last part of a name or a path, after the last slash or backslash. */
export function lastPart(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? "";
}
