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
import type { Answer, Http } from "../http/request.ts";
import type { UploadFile } from "../transport.ts";
import { guarded } from "../timers.ts";
import { fileData, type FileHome } from "./dialect.ts";
import type { UploadProgress } from "../options.ts";
import type { FileData, FileInput } from "./files.ts";
import { asFile, type FileSlot } from "./json.ts";

/** The app that files are sent to. */
export interface UploadTarget {
  http: Http;
  app: {
    config: {
      /** What stands before every path of its API. */
      prefix: string;
      /** Most bytes of one file; `null` where it sets no limit. */
      maxFileSize: number | null;
    };
  };
}

/** How files are sent. */
export interface UploadOptions {
  signal: AbortSignal;
  /**
   * Called as bytes are sent; `total` is the size of that file, `Infinity` while it is unknown. `index` is the position of
   * the file among those of the call.
   */
  onProgress?: ((progress: UploadProgress, index: number) => void) | undefined;
}

/** A file that is at the app. */
export interface Uploaded {
  path: string;
  /** Where its bytes are in the address itself. */
  url?: string;
  origName: string;
  size: number;
  mimeType: string | null;
}

/** A file that is still to be sent. */
type Unsent = Omit<FileSlot, "place" | "dialect"> & Partial<Pick<FileSlot, "dialect">>;

/**
 * Sends the files of a call side by side, each once, and puts their references in their places.
 *
 * @throws UploadError naming the parameter; FileTooLargeError before anything is sent; AuthenticationError.
 */
export async function uploadFiles(files: readonly FileSlot[], to: UploadTarget, options: UploadOptions): Promise<void> {
  const sent = new Map<unknown, Promise<Uploaded>>();
  await Promise.all(
    files.map(async (file, index) => {
      const { dialect, source } = file;
      // What was uploaded once is known by its path; what goes in the arguments goes in each.
      const key = dialect.inline ? file : source;
      const one = sent.get(key) ?? uploadFile(file, to, forFile(options, index));
      sent.set(key, one);
      file.place(dialect.write({ ...(await one), origName: file.name }));
    }),
  );
}

/**
 * Sends files outside of calls, side by side, and says where the app keeps them.
 *
 * @throws InputError for what is no file by value; UploadError, FileTooLargeError, AuthenticationError.
 */
export async function uploadAll(
  files: readonly FileInput[],
  to: UploadTarget & FileHome,
  options: UploadOptions,
): Promise<FileData[]> {
  if (!Array.isArray(files)) throw new InputError("upload takes an array of files.");
  const slots = files.map((file: unknown, index) => {
    const found = typeof file === "object" && file !== null ? asFile(file) : undefined;
    if (found) return { ...found, parameter: `files[${index}]` };
    throw new InputError(`files[${index}] of upload is no file: pass a Blob, bytes, or handleFile(…).`);
  });
  const sent = slots.map(async (slot, index) =>
    fileData({ ...(await uploadFile(slot, to, forFile(options, index))), url: null, isStream: false }, to),
  );
  return await Promise.all(sent);
}

/** Options of one file's upload. */
interface FileUploadOptions {
  signal: AbortSignal;
  onProgress: (progress: UploadProgress) => void;
}

function forFile({ signal, onProgress }: UploadOptions, index: number): FileUploadOptions {
  return {
    signal,
    onProgress: (progress) => onProgress && guarded((one: UploadProgress) => onProgress(one, index), progress),
  };
}

/** Sends one file: again where that fails in passing, unless it is a stream, whose bytes are gone. */
export async function uploadFile(file: Unsent, to: UploadTarget, options: FileUploadOptions): Promise<Uploaded> {
  const { signal } = options;
  const where = `${file.name} for ${file.parameter}`;
  const over = new AbortController();
  try {
    signal.throwIfAborted();
    const opened = await open(file, where, to.app.config.maxFileSize, AbortSignal.any([signal, over.signal]));
    if (file.dialect?.inline) return await inline(opened);
    return await sendFile(opened, to, options);
  } catch (error) {
    signal.throwIfAborted();
    const classes = [FileTooLargeError, AuthenticationError, RateLimitError, TimeoutError, InputError];
    if (classes.some((one) => error instanceof one)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const status = error instanceof GradioError ? error.status : undefined;
    throw new UploadError(`The upload of ${where} failed; nothing was submitted. ${why}`, { cause: error, status });
  } finally {
    over.abort();
  }
}

async function open(
  { source, name, mimeType }: Unsent,
  where: string,
  limit: number | null,
  over: AbortSignal,
): Promise<UploadFile> {
  const tooLarge = (bytes: number): FileTooLargeError =>
    new FileTooLargeError(`${where} has ${bytes} bytes; the app takes ${limit} at most.`);
  const opened = typeof source === "function" ? await source() : source;
  if (!(opened instanceof Blob)) {
    const check = (bytes: number): void => {
      if (limit !== null && bytes > limit) throw tooLarge(bytes);
    };
    const { streamBytes } = await import("./streams.ts");
    return { name, stream: streamBytes(opened, check, over), type: mimeType ?? "" };
  }
  if (limit !== null && opened.size > limit) throw tooLarge(opened.size);
  const type = mimeType ?? opened.type;
  return { name, blob: type === opened.type ? opened : opened.slice(0, opened.size, type) };
}

async function inline(file: UploadFile): Promise<Uploaded> {
  const { dataUrl } = await import("./inline.ts");
  const url = await dataUrl(file);
  return { path: "", url, origName: file.name, size: url.length, mimeType: null };
}

async function sendFile(
  file: UploadFile,
  { http, app }: UploadTarget,
  { signal, onProgress }: FileUploadOptions,
): Promise<Uploaded> {
  const { name } = file;
  const known = "blob" in file ? file.blob.size : null;
  let last = 0;
  const tell = (sent: number, total = known ?? Infinity): void => {
    // A form is larger than its file.
    last = Math.min(sent, total);
    onProgress({ sent: last, total, file: name });
  };
  const answer = await http.upload(`${app.config.prefix}upload`, [file], { signal, onProgress: (sent) => tell(sent) });
  if (known === null) tell(last, last);
  const type = "blob" in file ? file.blob.type : file.type;
  return { path: uploadedPath(answer), origName: name, size: known ?? last, mimeType: type === "" ? null : type };
}

function uploadedPath({ body }: Answer): string {
  if (Array.isArray(body) && typeof body[0] === "string" && body.length === 1) return body[0];
  throw new ProtocolError("The app's answer to the upload is not the path of one file.");
}
