import { InputError } from "../errors.ts";
import { type Fields, isFields, number, text } from "../fields.ts";
import { unsigned } from "../http/signed.ts";

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
}

/** A file by value, with the name and type that it is sent under; made by {@link handleFile}. */
export class FileHandle {
  /** The bytes; a function opens them when they are needed. */
  readonly source: Blob | URL | (() => Promise<Blob>);
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
  name?: string;
  /** MIME type. Default: the file's own. */
  mimeType?: string;
}

/** Whatever a file parameter takes. */
export type FileInput = Blob | ArrayBuffer | ArrayBufferView | FileHandle | FileData | URL | string;

/**
 * Says that something is a file: a Blob, under a name and a type; or the address of one, which the app fetches itself.
 *
 * @throws InputError for a string that is no http(s) address: local files exist in Node only.
 * @example
 * ```ts
 * await client.predict("/caption", [handleFile(blob, { name: "cat.png" })]);
 * await client.predict("/caption", [handleFile("https://example.com/cat.png")]);
 * ```
 */
export function handleFile(file: Blob | URL | string, options: FileOptions = {}): FileHandle {
  if (file instanceof Blob) return new FileHandle(file, options);
  const url = httpUrl(file);
  if (url) return new FileHandle(url, options);
  throw new InputError(`handleFile takes a Blob or an http(s) address; ${JSON.stringify(String(file))} is neither.`);
}

/** The address where a value is an http(s) one. */
export function httpUrl(value: unknown): URL | undefined {
  if (!(value instanceof URL) && (typeof value !== "string" || !/^https?:\/\//i.test(value))) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

/** A file as the wire has it (PROTOCOL.md, 6.1). Without `meta` the app refuses it. */
export interface WireFile {
  path: string;
  url?: string | null;
  orig_name: string | null;
  size: number | null;
  mime_type: string | null;
  meta: { _type: "gradio.FileData" };
}

/** The wire's form of a file that the app fetches itself, or has already. */
export function toWireFile(file: { path: string } & Partial<FileData>): WireFile {
  return {
    path: file.path,
    ...(file.url === undefined ? {} : { url: unsigned(file.url) }),
    orig_name: file.origName ?? null,
    size: file.size ?? null,
    mime_type: file.mimeType ?? null,
    meta: { _type: "gradio.FileData" },
  };
}

/** Whether a value has the form of {@link FileData}: a call's output that goes into another call. */
export function isFileData(value: unknown): value is FileData {
  return isFields(value) && typeof value["path"] === "string" && "origName" in value && "isStream" in value;
}

/** Whether a value on the wire is a file. */
export function isWireFile(value: Fields, loose: boolean): boolean {
  const { meta } = value;
  if (typeof value["path"] !== "string") return false;
  return isFields(meta) ? meta["_type"] === "gradio.FileData" : loose && "orig_name" in value;
}

/** Last part of a name or a path, by either slash. */
export function lastPart(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? "";
}

/** Where the files of an app are. */
export interface FileAddresses {
  /** What stands before a file's path: `https://host/gradio_api/file=`. */
  fileBase: string;
  /** The address that the app believes to have. */
  root: string | null;
  /** The address that it really has. */
  base: string;
  /** Whether files come without `meta`: every object with a path counts as one. Before 4.21. */
  loose: boolean;
  /** Signs an address where it is a private Space's. Default: none is signed. */
  sign?: ((address: string) => string) | undefined;
}

/**
 * What a caller gets of a file on the wire. Its address is made from the app's own, whatever the answer says, unless it
 * is a stream or a file that lies elsewhere.
 */
export function fromWireFile(value: Fields, addresses: FileAddresses): FileData {
  const path = text(value["path"]) ?? "";
  const url = address(path, text(value["url"]), value["is_stream"] === true, addresses);
  return {
    path,
    url: addresses.sign ? addresses.sign(url) : url,
    origName: text(value["orig_name"]),
    size: number(value["size"]),
    mimeType: text(value["mime_type"]),
    isStream: value["is_stream"] === true,
  };
}

function address(path: string, announced: string | null, isStream: boolean, at: FileAddresses): string {
  if (httpUrl(path)) return path;
  if (announced !== null && (isStream || !announced.includes("/file="))) {
    const relative =
      at.root !== null && at.root !== "" && announced.startsWith(at.root) ? announced.slice(at.root.length) : announced;
    if (!httpUrl(relative)) return new URL(relative.replace(/^\//, ""), at.base).href;
    return relative;
  }
  return at.fileBase + path.split("/").map(encodeURIComponent).join("/");
}
