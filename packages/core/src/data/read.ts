import type { Http } from "../http/request.ts";
import { guarded } from "../timers.ts";
import { download, type OpenedFile, openFile } from "./downloads.ts";
import { type FileData, isFileData } from "./files.ts";

/** How far a download has come, in bytes. */
export interface DownloadProgress {
  received: number;
  /** `null` where the server does not say. */
  total: number | null;
}

/** Does something with a file: takes what is known of it, and its chunks, which can be read once. */
export type UseFile<T> = (file: OpenedFile, chunks: AsyncIterable<Uint8Array>) => Promise<T>;

/** Downloads a file, and returns its path on this machine. Calls `onBytes` with each chunk. */
export type DownloadFile = (file: FileData, signal: AbortSignal, onBytes: () => void) => Promise<string>;

/**
 * Reads a file of the app, chunk by chunk and to its last byte; of a media stream what it has given when it has ended.
 *
 * @param use - takes what is known of the file, and its chunks.
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError; InputError for what has no address.
 */
export async function readFile<T>(
  http: Http,
  wanted: FileData | string | URL,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: ((progress: DownloadProgress) => void) | undefined },
  use: UseFile<T>,
): Promise<T> {
  const { file, chunks } = await open(http, wanted, signal);
  const told = async function* (): AsyncGenerator<Uint8Array> {
    let received = 0;
    for await (const chunk of chunks) {
      received += chunk.length;
      yield chunk;
      if (onProgress) guarded(onProgress, { received, total: file.size });
    }
    signal.throwIfAborted();
  };
  return await use(file, told());
}

async function open(
  http: Http,
  wanted: FileData | string | URL,
  signal: AbortSignal,
): Promise<{ file: OpenedFile; chunks: AsyncIterable<Uint8Array> }> {
  if (isFileData(wanted) && wanted.url.startsWith("data:")) return (await import("./inline.ts")).openDataUrl(wanted);
  const from = download(http, wanted, signal);
  const isPlaylist = isFileData(wanted) && wanted.isStream && from.url.pathname.endsWith(".m3u8");
  return await (isPlaylist ? (await import("./media-streams.ts")).openMediaStream : openFile)(from);
}
