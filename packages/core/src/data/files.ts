import { InputError } from "../errors.ts";
import { isFields } from "../fields.ts";

/** A file of the app: one that a call gave, or one that was uploaded. It may be passed to another call as it is. */
export interface FileData {
  /** Where the app keeps it. */
  path: string;
  /**
   * Absolute address to fetch it from. That of a private Space is signed (`?__sign=…`), so that `<img>` and its like can load
   * it: whoever has it can read the file until the signature expires, some minutes to hours later. An output of a later call
   * is signed anew, and `download` needs no signature.
   */
  url: string;
  /** Name that it had where it came from. */
  origName: string | null;
  /** In bytes. */
  size: number | null;
  mimeType: string | null;
  /** Whether `url` is a playlist of a stream that is still growing. */
  isStream: boolean;
  /** Where it lies on this machine; only in Node, with `downloadFiles`, and for what is no stream. */
  localPath?: string;
}

/** Bytes that come one after the other, once: a web stream, in Node also a `Readable`. */
export type FileStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A file by value, with the name and type that it is sent under; made by {@link handleFile}. */
export class FileHandle {
  /** The bytes; a function opens them when they are needed. */
  readonly source: Blob | FileStream | URL | (() => Promise<Blob>);
  readonly name: string | undefined;
  readonly mimeType: string | undefined;

  constructor(source: FileHandle["source"], options: FileOptions = {}) {
    this.source = source;
    this.name = options.name;
    this.mimeType = options.mimeType;
  }
}

/** How a file is sent. */
export interface FileOptions {
  /** Name that the app sees. Default: the file's own, the address's last part, or `file`. */
  name?: string | undefined;
  /** MIME type. Default: the file's own. */
  mimeType?: string | undefined;
}

/** A file by value. */
export type FileContent = Blob | ArrayBuffer | ArrayBufferView | FileStream;

/** Whatever a file parameter takes. */
export type FileInput = FileContent | FileHandle | FileData | URL | string;

/**
 * Says that something is a file: a Blob, bytes or a stream, under a name and a type; or the address of a file, which the
 * app fetches itself.
 *
 * @throws InputError for a string that is no http(s) address: local files exist in Node only.
 * @example
 * ```ts
 * await client.predict("/caption", [handleFile(blob, { name: "cat.png" })]);
 * await client.predict("/caption", [handleFile("https://example.com/cat.png")]);
 * ```
 */
export function handleFile(file: FileContent | URL | string, options: FileOptions = {}): FileHandle {
  const content = isFields(file) ? fileContent(file) : undefined;
  if (content) return new FileHandle(content, { ...options, name: options.name ?? (ownName(file) || undefined) });
  const url = httpUrl(file);
  if (url) return new FileHandle(url, options);
  const what = file instanceof URL || typeof file === "string" ? JSON.stringify(String(file)) : typeof file;
  throw new InputError(`handleFile takes a Blob, bytes, a stream, or an http(s) address; ${what} is none of them.`);
}

/** What a file given by value consists of; `undefined` for what is none. */
export function fileContent(value: object): Blob | FileStream | undefined {
  if (value instanceof Blob || value instanceof ReadableStream) return value;
  if (value instanceof ArrayBuffer) return new Blob([value]);
  // A view of memory that is shared cannot be part of a Blob: its bytes are copied first.
  if (ArrayBuffer.isView(value))
    return new Blob([new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()]);
  return isIterable(value) ? value : undefined;
}

function isIterable(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === "function";
}

/** The name that a file brings along, or the stream of one that lies on a disk; `""` where it has none. */
export function ownName(file: unknown): string {
  if (typeof file !== "object" || file === null) return "";
  const own = "name" in file ? file.name : "path" in file ? file.path : "";
  return typeof own === "string" ? lastPart(own) : "";
}

/** The address where a value is an http(s) one. */
export function httpUrl(value: unknown): URL | undefined {
  if (!(value instanceof URL) && (typeof value !== "string" || !/^https?:\/\//i.test(value))) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

/** Whether a value has the form of {@link FileData}: a call's output that goes into another call. */
export function isFileData(value: unknown): value is FileData {
  return isFields(value) && typeof value["path"] === "string" && "origName" in value && "isStream" in value;
}

/** Last part of a name or a path, by either slash. */
export function lastPart(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? "";
}
