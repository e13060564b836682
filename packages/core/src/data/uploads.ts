import {
  AuthenticationError,
  FileTooLargeError,
  GradioError,
  InputError,
  ProtocolError,
  RateLimitError,
  TimeoutError,
  UploadError,
} from "../errors.ts";
import type { Answer, Http, UploadRequest } from "../http/request.ts";
import type { UploadProgress } from "../options.ts";
import type { UploadFile } from "../transport.ts";
import { callListener } from "../timers.ts";
import { fileData, type FileHome } from "./dialect.ts";
import { type FileData, type FileInput, fileList, type FileListLike, isBlob } from "./files.ts";
import { type FileSlot, uploadKey, uploadSource } from "./json.ts";
import { streamBytes } from "./streams.ts";

/** App that receives uploads. */
export interface UploadTarget {
  http: Http;
  app: {
    config: {
      /** Prefix of all paths of its API. */
      prefix: string;
      /** Maximum size of a file in bytes; `null` for no limit. */
      maxFileSize: number | null;
    };
  };
}

/** Options of uploads. */
export interface UploadOptions {
  signal: AbortSignal;
  /** Time without a byte after which an upload fails, in milliseconds. Default: five minutes. */
  idleTimeout?: number | undefined;
  /**
   * Called with the bytes of a file that were sent so far. `total` is its size, `Infinity` while that is unknown; `index` is
   * the position of the file among those of the call.
   */
  onProgress?: ((progress: UploadProgress, index: number) => void) | undefined;
}

/** A file that was uploaded. */
export interface UploadedFile {
  /** Path under which the app keeps the file; `""` for a file whose bytes are in `url`. */
  path: string;
  /** Data URL, where the bytes are sent in the arguments. */
  url?: string;
  origName: string;
  size: number;
  mimeType: string | null;
}

/** A file that is to be uploaded. */
type PendingUpload = Omit<FileSlot, "setReference" | "dialect"> & Partial<Pick<FileSlot, "dialect">>;

/**
 * Uploads the files of a call concurrently, each file once, and puts their references into the data of the call.
 *
 * @throws UploadError naming the parameter; FileTooLargeError before the upload; AuthenticationError.
 */
export async function uploadFiles(files: readonly FileSlot[], to: UploadTarget, options: UploadOptions): Promise<void> {
  const sent = new Map<unknown, Promise<UploadedFile>>();
  await Promise.all(
    files.map(async (file, index) => {
      const key = uploadKey(file);
      const one = sent.get(key) ?? uploadFile(file, to, forFile(options, index));
      sent.set(key, one);
      file.setReference(file.dialect.write({ ...(await one), origName: file.name }));
    }),
  );
}

/**
 * Uploads files outside of calls, concurrently.
 *
 * @throws InputError for a value that is not a file with bytes; UploadError, FileTooLargeError, AuthenticationError.
 */
export async function uploadAll(
  files: readonly FileInput[] | FileListLike,
  to: UploadTarget & FileHome,
  options: UploadOptions,
): Promise<FileData[]> {
  const list = fileList(files);
  if (!list) throw new InputError("upload takes an array of files.");
  const slots = list.map((file: unknown, index) => {
    const found = typeof file === "object" && file !== null ? uploadSource(file) : undefined;
    if (found) return { ...found, parameter: `files[${index}]` };
    throw new InputError(`files[${index}] of upload is not a file. Pass a Blob, bytes, a stream, or handleFile(…).`);
  });
  const sent = slots.map(async (slot, index) =>
    fileData({ ...(await uploadFile(slot, to, forFile(options, index))), url: null, isStream: false }, to),
  );
  return await Promise.all(sent);
}

/** Options of the upload of one file. */
interface FileUploadOptions {
  signal: AbortSignal;
  idleTimeout?: number | undefined;
  onProgress: (progress: UploadProgress) => void;
}

function forFile({ signal, idleTimeout, onProgress }: UploadOptions, index: number): FileUploadOptions {
  return {
    signal,
    idleTimeout,
    onProgress: (progress) => onProgress && callListener((one: UploadProgress) => onProgress(one, index), progress),
  };
}

/** Uploads one file. Transient failures are retried, except for a stream, which can be read once. */
export async function uploadFile(
  file: PendingUpload,
  to: UploadTarget,
  options: FileUploadOptions,
): Promise<UploadedFile> {
  const { signal } = options;
  const where = `${file.name} for ${file.parameter}`;
  const ended = new AbortController();
  const reading = { touch: (): void => undefined };
  try {
    signal.throwIfAborted();
    const { maxFileSize } = to.app.config;
    const limits = { maxFileSize, ended: AbortSignal.any([signal, ended.signal]), onRead: () => reading.touch() };
    const opened = await open(file, where, limits);
    if (file.dialect?.inline) return await inlined(opened);
    return await sendFile(opened, to, { ...options, onStart: (touch) => (reading.touch = touch) });
  } catch (error) {
    signal.throwIfAborted();
    const classes = [FileTooLargeError, AuthenticationError, RateLimitError, TimeoutError, InputError];
    const isIdle = error instanceof TimeoutError && error.kind === "idle";
    if (!isIdle && classes.some((one) => error instanceof one)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const status = error instanceof GradioError ? error.status : undefined;
    throw new UploadError(`The upload of ${where} failed; the call was not submitted. ${why}`, {
      cause: error,
      status,
    });
  } finally {
    ended.abort();
  }
}

async function open(
  { source, name, mimeType }: PendingUpload,
  where: string,
  limits: { maxFileSize: number | null; ended: AbortSignal; onRead: () => void },
): Promise<UploadFile> {
  const { maxFileSize: limit, ended, onRead } = limits;
  const tooLarge = (bytes: number): FileTooLargeError =>
    new FileTooLargeError(`${where} has ${bytes} bytes; the app allows at most ${limit}.`);
  const opened = typeof source === "function" ? await source() : source;
  if (!isBlob(opened)) {
    const check = (bytes: number): void => {
      onRead();
      if (limit !== null && bytes > limit) throw tooLarge(bytes);
    };
    return { name, stream: streamBytes(opened, check, ended), type: mimeType ?? "" };
  }
  if (limit !== null && opened.size > limit) throw tooLarge(opened.size);
  const type = mimeType ?? opened.type;
  return { name, blob: type === opened.type ? opened : opened.slice(0, opened.size, type) };
}

async function inlined(file: UploadFile): Promise<UploadedFile> {
  const url = await dataUrl(file);
  return { path: "", url, origName: file.name, size: url.length, mimeType: null };
}

/** Bytes that are encoded at once: a function cannot take more arguments. A multiple of 3, as base64 encodes 3 bytes in 4. */
const ENCODED_AT_ONCE = 0x6000;

/** Returns the bytes of a file as a data URL. */
async function dataUrl(file: UploadFile): Promise<string> {
  const blob = "blob" in file ? file.blob : await new Response(file.stream).blob();
  const type = "blob" in file ? file.blob.type : file.type;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let encoded = "";
  for (let at = 0; at < bytes.length; at += ENCODED_AT_ONCE)
    encoded += btoa(String.fromCharCode(...bytes.subarray(at, at + ENCODED_AT_ONCE)));
  return `data:${type || "application/octet-stream"};base64,${encoded}`;
}

async function sendFile(
  file: UploadFile,
  { http, app }: UploadTarget,
  { signal, idleTimeout, onProgress, onStart }: FileUploadOptions & Pick<UploadRequest, "onStart">,
): Promise<UploadedFile> {
  const { name } = file;
  const known = "blob" in file ? file.blob.size : null;
  let last = 0;
  const report = (sent: number, total = known ?? Infinity): void => {
    // The form is larger than the file.
    last = Math.min(sent, total);
    onProgress({ sent: last, total, file: name });
  };
  const answer = await http.upload(`${app.config.prefix}upload`, [file], {
    signal,
    idleTimeout,
    onStart,
    onProgress: (sent) => report(sent),
  });
  if (known === null) report(last, last);
  const type = "blob" in file ? file.blob.type : file.type;
  return { path: uploadedPath(answer), origName: name, size: known ?? last, mimeType: type === "" ? null : type };
}

function uploadedPath({ body }: Answer): string {
  if (Array.isArray(body) && typeof body[0] === "string" && body.length === 1) return body[0];
  throw new ProtocolError("The response to the upload is not the path of one file.");
}
