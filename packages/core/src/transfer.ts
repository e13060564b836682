import { type Connection, fileAddresses } from "./connection.ts";
import { fileData } from "./data/dialect.ts";
import type { OpenedFile } from "./data/downloads.ts";
import { type FileData, type FileInput, isFileData } from "./data/files.ts";
import { asFile } from "./data/json.ts";
import { uploadFile } from "./data/uploads.ts";
import { InputError } from "./errors.ts";
import type { Http } from "./http/request.ts";
import type { UploadProgress } from "./options.ts";
import { guarded } from "./timers.ts";

/** How far a download has come, in bytes. */
export interface DownloadProgress {
  received: number;
  /** `null` where the server does not say. */
  total: number | null;
}

/**
 * Sends files to the app, side by side, and says where it keeps them.
 *
 * @throws InputError for what is no file by value; UploadError, FileTooLargeError, AuthenticationError.
 */
export async function uploadAll(
  connection: Connection,
  files: readonly FileInput[],
  { signal, onProgress }: { signal: AbortSignal; onProgress?: ((progress: UploadProgress) => void) | undefined },
): Promise<FileData[]> {
  const { http, app } = connection;
  const { prefix, maxFileSize } = app.config;
  if (!Array.isArray(files)) throw new InputError("upload takes an array of files.");
  const slots = files.map((file: unknown, index) => {
    const found = typeof file === "object" && file !== null ? asFile(file) : undefined;
    if (found && !(found instanceof URL)) return { ...found, parameter: `files[${index}]` };
    throw new InputError(`files[${index}] of upload is no file: pass a Blob, bytes, or handleFile(…).`);
  });
  const tell = onProgress && ((progress: UploadProgress): void => guarded(onProgress, progress));
  const sent = slots.map(async (slot) => {
    const uploaded = await uploadFile(slot, { http, prefix, maxFileSize, signal, onProgress: tell });
    return fileData({ ...uploaded, url: null, isStream: false }, fileAddresses(connection));
  });
  return await Promise.all(sent);
}

/**
 * Reads a file of the app, chunk by chunk and to its last byte; of a media stream what it has given when it has ended.
 *
 * @param use - takes what is known of the file, and its chunks.
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError; InputError for what has no address.
 */
export async function readFile<T>(
  { http }: Connection,
  wanted: FileData | string | URL,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: ((progress: DownloadProgress) => void) | undefined },
  use: (file: OpenedFile, chunks: AsyncIterable<Uint8Array>) => Promise<T>,
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

/** What reads files is loaded when it is needed: most pages only show their addresses. */
async function open(
  http: Http,
  wanted: FileData | string | URL,
  signal: AbortSignal,
): Promise<{ file: OpenedFile; chunks: AsyncIterable<Uint8Array> }> {
  if (isFileData(wanted) && wanted.url.startsWith("data:"))
    return (await import("./data/inline.ts")).openDataUrl(wanted);
  const { download, openFile } = await import("./data/downloads.ts");
  const from = download(http, wanted, signal);
  const isPlaylist = isFileData(wanted) && wanted.isStream && from.url.pathname.endsWith(".m3u8");
  return await (isPlaylist ? (await import("./data/media-streams.ts")).openMediaStream : openFile)(from);
}
