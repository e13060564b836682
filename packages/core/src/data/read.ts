import { DownloadError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import { callListener } from "../timers.ts";
import { type DownloadOptions, downloadOf, type OpenedFile, openFile } from "./downloads.ts";
import { type FileData, isFileData } from "./files.ts";
import { openMediaStream } from "./media-streams.ts";

/** Progress of a download, in bytes. */
export interface DownloadProgress {
  /** Bytes received so far. */
  received: number;
  /** Size of the file; `null` where the server does not send it. */
  total: number | null;
}

/** Consumes a file: takes its name, size and type, and its chunks, which can be read once. */
export type UseFile<T> = (file: OpenedFile, chunks: AsyncIterable<Uint8Array>) => Promise<T>;

/**
 * Downloads a file chunk by chunk. Of a media stream it downloads all segments until the stream ends.
 *
 * @param use - consumes the file.
 * @returns the result of `use`.
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError; InputError for a value without an address.
 */
export async function readFile<T>(
  http: Http,
  wanted: FileData | string | URL,
  options: DownloadOptions & { onProgress?: ((progress: DownloadProgress) => void) | undefined },
  use: UseFile<T>,
): Promise<T> {
  const { signal, onProgress } = options;
  const { file, chunks } = await open(http, wanted, options);
  const observed = async function* (): AsyncGenerator<Uint8Array> {
    let received = 0;
    for await (const chunk of chunks) {
      received += chunk.length;
      yield chunk;
      if (onProgress) callListener(onProgress, { received, total: file.size });
    }
    signal.throwIfAborted();
  };
  return await use(file, observed());
}

async function open(
  http: Http,
  wanted: FileData | string | URL,
  options: DownloadOptions,
): Promise<{ file: OpenedFile; chunks: AsyncIterable<Uint8Array> }> {
  if (isFileData(wanted) && isDataUrl(wanted.url)) return openDataUrl(wanted);
  const download = downloadOf(http, wanted, options);
  const isPlaylist = isFileData(wanted) && wanted.isStream && download.url.pathname.endsWith(".m3u8");
  return await (isPlaylist ? openMediaStream : openFile)(download);
}

/** Whether an address holds the bytes. That of an object in a JSON output may be anything. */
function isDataUrl(url: unknown): boolean {
  return typeof url === "string" && url.startsWith("data:");
}

/** Opens a file whose bytes are in its address. */
function openDataUrl({ url, origName }: FileData): { file: OpenedFile; chunks: AsyncIterable<Uint8Array> } {
  const name = origName ?? "file";
  const comma = url.indexOf(",");
  const head = url.slice("data:".length, comma);
  const isBase64 = /;base64$/i.test(head);
  try {
    const text = isBase64 ? atob(url.slice(comma + 1)) : decodeURIComponent(url.slice(comma + 1));
    const bytes = isBase64
      ? Uint8Array.from(text, (character) => character.charCodeAt(0))
      : new TextEncoder().encode(text);
    return { file: { name, size: bytes.length, mimeType: head.split(";")[0] || null }, chunks: once(bytes) };
  } catch (cause) {
    throw new DownloadError(`${JSON.stringify(name)} could not be read: its data URL is invalid.`, { cause });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
