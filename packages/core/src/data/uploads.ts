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
import { toWireFile } from "./files.ts";
import type { FileSlot } from "./json.ts";

/** Where and how files are sent. */
export interface UploadSettings {
  http: Http;
  /** What stands before every path of the app's API. */
  prefix: string;
  /** Most bytes of one file; `null` where the app sets no limit. */
  maxFileSize: number | null;
  signal: AbortSignal;
  /** Called as bytes leave; `total` is the size of that file. */
  onProgress?: ((progress: { sent: number; total: number; file: string }) => void) | undefined;
}

/** A file that is at the app. */
export interface Uploaded {
  path: string;
  origName: string;
  size: number;
  mimeType: string | null;
}

/**
 * Sends the files of a call side by side, each once, and puts their references in their places.
 *
 * @throws UploadError naming the parameter; FileTooLargeError before anything is sent; AuthenticationError.
 */
export async function uploadFiles(files: readonly FileSlot[], settings: UploadSettings): Promise<void> {
  const sent = new Map<FileSlot["source"], Promise<Uploaded>>();
  await Promise.all(
    files.map(async (file) => {
      const one = sent.get(file.source) ?? uploadFile(file, settings);
      sent.set(file.source, one);
      file.place(toWireFile({ ...(await one), origName: file.name }));
    }),
  );
}

/** Sends one file. */
export async function uploadFile(file: Omit<FileSlot, "place">, settings: UploadSettings): Promise<Uploaded> {
  const { http, prefix, maxFileSize, signal, onProgress } = settings;
  const { name, parameter } = file;
  const where = `${name} for ${parameter}`;
  try {
    const opened = typeof file.source === "function" ? await file.source() : file.source;
    const type = file.mimeType ?? opened.type;
    const blob = type === opened.type ? opened : opened.slice(0, opened.size, type);
    if (maxFileSize !== null && blob.size > maxFileSize)
      throw new FileTooLargeError(`${where} has ${blob.size} bytes; the app takes ${maxFileSize} at most.`);
    const answer = await http.upload(`${prefix}upload`, [{ name, blob }], {
      signal,
      onProgress: (sent) => onProgress?.({ sent: Math.min(sent, blob.size), total: blob.size, file: name }),
    });
    return { path: uploadedPath(answer), origName: name, size: blob.size, mimeType: type === "" ? null : type };
  } catch (error) {
    signal.throwIfAborted();
    const classes = [FileTooLargeError, AuthenticationError, RateLimitError, TimeoutError, InputError];
    if (classes.some((one) => error instanceof one)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const status = error instanceof GradioError ? error.status : undefined;
    throw new UploadError(`The upload of ${where} failed; nothing was submitted. ${why}`, { cause: error, status });
  }
}

function uploadedPath({ body }: Answer): string {
  if (Array.isArray(body) && typeof body[0] === "string" && body.length === 1) return body[0];
  throw new ProtocolError("The app's answer to the upload is not the path of one file.");
}
