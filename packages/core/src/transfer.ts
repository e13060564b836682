import type { Connection } from "./connection.ts";
import {
  type FileAddresses,
  type FileData,
  type FileInput,
  fromWireFile,
  httpUrl,
  isFileData,
  toWireFile,
} from "./data/files.ts";
import { asFile } from "./data/json.ts";
import { uploadFile } from "./data/uploads.ts";
import { AuthenticationError, DownloadError, GradioError, InputError, TimeoutError } from "./errors.ts";
import { unsigned } from "./http/signed.ts";
import type { UploadProgress } from "./options.ts";

/** Where the files of a connected app are. */
export function fileAddresses({ app, signature }: Connection): FileAddresses {
  const base = app.base.href;
  const loose = app.config.protocol === "sse_v1" || app.config.protocol === "sse_v2";
  const sign = signature ? (address: string): string => signature.sign(address) : undefined;
  return { base, loose, root: app.config.root, fileBase: `${base}${app.config.prefix}file=`, sign };
}

/**
 * Sends files to the app, side by side, and says where it keeps them.
 *
 * @throws InputError for what is no file by value; UploadError, FileTooLargeError, AuthenticationError.
 */
export async function uploadAll(
  connection: Connection,
  files: readonly FileInput[],
  signal: AbortSignal,
  onProgress: ((progress: UploadProgress) => void) | undefined,
): Promise<FileData[]> {
  const { http, app } = connection;
  const { prefix, maxFileSize } = app.config;
  if (!Array.isArray(files)) throw new InputError("upload takes an array of files.");
  const slots = files.map((file: unknown, index) => {
    const found = typeof file === "object" && file !== null ? asFile(file) : undefined;
    if (found && !(found instanceof URL)) return { ...found, parameter: `files[${index}]` };
    throw new InputError(`files[${index}] of upload is no file: pass a Blob, bytes, or handleFile(…).`);
  });
  const sent = slots.map(async (slot) => {
    const uploaded = await uploadFile(slot, { http, prefix, maxFileSize, signal, onProgress });
    return fromWireFile({ ...toWireFile(uploaded) }, fileAddresses(connection));
  });
  return await Promise.all(sent);
}

/** A file of the app that is being read. */
export interface OpenedFile {
  /** The name that the app or the address gives: not to be trusted. */
  name: string;
  /** In bytes; `null` where the server does not say. */
  size: number | null;
  mimeType: string | null;
  body: ReadableStream<Uint8Array>;
}

/**
 * Opens a file of the app, or one that lies elsewhere: that one without credentials.
 *
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError.
 */
export async function openFile(
  { http, signature }: Connection,
  file: FileData | string | URL,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const given = httpUrl(isFileData(file) ? file.url : file);
  if (!given) throw new InputError("download takes a file of the app, or an http(s) address.");
  // The token opens the app's own; their signature may have expired.
  const url = signature && given.origin === http.settings.base.origin ? new URL(unsigned(given.href)) : given;
  const own = isFileData(file) ? (file.origName ?? file.path) : url.pathname;
  const name = own.split(/[/\\]/).at(-1) || "file";
  try {
    const response = await http.open(url, { signal, accept: "*/*" });
    // What came compressed is longer than it was on the wire.
    const plain = response.headers.get("content-encoding") === null;
    const length = plain ? response.headers.get("content-length") : null;
    const body = response.body ?? new Blob([]).stream();
    const mimeType = response.headers.get("content-type");
    return { name, size: length === null ? null : Number(length), mimeType, body };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AuthenticationError && error.status === 401) throw error;
    if (error instanceof TimeoutError) throw error;
    throw downloadError(name, error);
  }
}

/** What went wrong with a file, by its name. */
export function downloadError(name: string, cause: unknown): DownloadError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const status = cause instanceof GradioError ? cause.status : undefined;
  return new DownloadError(`${name} could not be fetched. ${why}`, { cause, status });
}

/**
 * The chunks of an opened file.
 *
 * @throws DownloadError when it ends before its size: a file that is cut off is no file.
 */
export async function* chunks(
  { name, size, body }: OpenedFile,
  signal: AbortSignal,
  onProgress: ((progress: { received: number; total: number | null }) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      received += value.length;
      yield value;
      onProgress?.({ received, total: size });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw downloadError(name, error);
  } finally {
    void reader.cancel().catch(() => undefined);
  }
  signal.throwIfAborted();
  if (size !== null && received !== size)
    throw downloadError(name, new Error(`It ended after ${received} of ${size} bytes.`));
}
