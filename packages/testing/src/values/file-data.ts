import { mediaType } from "./media-type.ts";
import type { FileStore } from "./file-store.ts";

/**
 * A value from the wire with `File` objects in place of `FileData`.
 *
 * @throws where a path is not one of the server's own: functions must not be talked into reading other files.
 */
export function receiveFiles(value: unknown, store: FileStore): unknown {
  if (Array.isArray(value)) return value.map((item) => receiveFiles(item, store));
  if (typeof value !== "object" || value === null) return value;
  if (!isFileData(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, receiveFiles(item, store)]));
  }
  const stored = store.get(value.path);
  if (stored === undefined) throw new Error(`${value.path} was not uploaded to this app`);
  return store.open(stored);
}

/** Refuses what a file component cannot take: `FileData` must carry its `meta`, as Gradio demands from 5.5 on. */
export function checkFiles(value: unknown, files: "one" | "many"): void {
  if (value === null || value === undefined) return;
  if (files === "many" && !Array.isArray(value)) throw new TypeError("a list of files was expected");
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (!isFileData(item)) throw new TypeError("a file was expected, with path and meta");
  }
}

/** How files of one output are described. */
export interface FileManner {
  /** The address before `/file=`. */
  base: string;
  tellsSize: boolean;
  /** A gallery tells the media type; nothing else does. */
  tellsType: boolean;
}

/** A copy of a function's value as the wire carries it: `FileData` in place of Blobs, and nothing that JSON has not. */
export async function sendFiles(value: unknown, store: FileStore, manner: FileManner): Promise<unknown> {
  if (value instanceof Blob) return describe(value, store, manner);
  if (Array.isArray(value)) return Promise.all(value.map((item) => sendFiles(item, store, manner)));
  if (typeof value === "object" && value !== null) {
    if (typeof (value as { toJSON?: unknown }).toJSON === "function")
      return JSON.parse(JSON.stringify(value)) as unknown;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const sent = await Promise.all(entries.map(async ([key, item]) => [key, await sendFiles(item, store, manner)]));
    return Object.fromEntries(sent) as unknown;
  }
  return value === undefined || typeof value === "function" || typeof value === "symbol" ? null : value;
}

async function describe(blob: Blob, store: FileStore, manner: FileManner): Promise<unknown> {
  const { path, name, content } = await store.add(blob, blob instanceof File ? blob.name : "file");
  return {
    path,
    url: `${manner.base}/file=${encodePath(path)}`,
    size: manner.tellsSize ? content.size : null,
    orig_name: name,
    mime_type: manner.tellsType ? (mediaType(name) ?? null) : null,
    is_stream: false,
    meta: { _type: "gradio.FileData" },
  };
}

/** A stream of this name as the wire carries it: its playlist, however far it has come. */
export function describeStream(name: string, { type }: { type: string }, base: string): unknown {
  const path = `${name}/playlist.m3u8`;
  return {
    path,
    url: `${base}/stream/${path}`,
    size: null,
    orig_name: type === "video" ? "video.mp4" : "audio.wav",
    mime_type: null,
    is_stream: true,
    meta: { _type: "gradio.FileData" },
  };
}

function encodePath(path: string): string {
  return encodeURIComponent(path)
    .replaceAll("%2F", "/")
    .replaceAll(/[!'()*]/g, escapeByte);
}

function escapeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

function isFileData(value: unknown): value is { path: string } {
  if (typeof value !== "object" || value === null || !("path" in value) || !("meta" in value)) return false;
  const { path, meta } = value;
  const marked = typeof meta === "object" && meta !== null && "_type" in meta && meta["_type"] === "gradio.FileData";
  return marked && typeof path === "string";
}
