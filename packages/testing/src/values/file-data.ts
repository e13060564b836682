import { isBlob, isFile } from "./blobs.ts";
import { mediaType } from "./media-type.ts";
import type { FileStore } from "./file-store.ts";

/**
 * Replaces each `FileData` in a received value by a `File`.
 *
 * @throws Error for a path of a file that the server does not hold, so that functions cannot be made to read other files.
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

/** Throws for a value that a file component cannot take. `FileData` must have `meta`, as Gradio requires from 5.5 on. */
export function checkFiles(value: unknown, files: "one" | "many"): void {
  if (value === null || value === undefined) return;
  if (files === "many" && !Array.isArray(value)) throw new TypeError("Expected a list of files");
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (!isFileData(item)) throw new TypeError("Expected a file with path and meta");
  }
}

/** Options for the `FileData` of an output. */
export interface FileDataOptions {
  /** URL before `/file=`. */
  base: string;
  /** Whether `size` is set. */
  tellsSize: boolean;
  /** Whether `mime_type` is set; only galleries set it. */
  tellsType: boolean;
}

/** Copies a returned value for the wire: Blobs become `FileData`, and values that JSON does not have become `null`. */
export async function sendFiles(value: unknown, store: FileStore, options: FileDataOptions): Promise<unknown> {
  if (isBlob(value)) return describe(value, store, options);
  if (Array.isArray(value)) return Promise.all(value.map((item) => sendFiles(item, store, options)));
  if (typeof value === "object" && value !== null) {
    if (typeof (value as { toJSON?: unknown }).toJSON === "function")
      return JSON.parse(JSON.stringify(value)) as unknown;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const sent = await Promise.all(entries.map(async ([key, item]) => [key, await sendFiles(item, store, options)]));
    return Object.fromEntries(sent) as unknown;
  }
  return value === undefined || typeof value === "function" || typeof value === "symbol" ? null : value;
}

async function describe(blob: Blob, store: FileStore, options: FileDataOptions): Promise<unknown> {
  const { path, name, content } = await store.add(blob, isFile(blob) ? blob.name : "file");
  return {
    path,
    url: `${options.base}/file=${encodePath(path)}`,
    size: options.tellsSize ? content.size : null,
    orig_name: name,
    mime_type: options.tellsType ? (mediaType(name) ?? null) : null,
    is_stream: false,
    meta: { _type: "gradio.FileData" },
  };
}

/** Returns the `FileData` of a media stream: its playlist, which may still grow. */
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
