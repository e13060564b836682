import { AuthenticationError, DownloadError, GradioError, InputError, TimeoutError } from "../errors.ts";
import { isPlainUrl } from "../http/urls.ts";
import type { Http } from "../http/request.ts";
import { unsignedUrl } from "../http/urls.ts";
import { backOff, settleWithin, sleep } from "../timers.ts";
import type { TransportResponse } from "../transport.ts";
import { type FileData, httpUrl, isFileData, lastPart } from "./files.ts";

/** A file of the app that is being read. */
export interface OpenedFile {
  /** The name that the app or the address gives: not to be trusted. */
  name: string;
  /** In bytes; `null` where the server does not say. */
  size: number | null;
  mimeType: string | null;
}

/** Where a file is read from, and until when. */
export interface Download {
  http: Http;
  url: URL;
  name: string;
  signal: AbortSignal;
}

/**
 * What a caller wants to read: a file of the app, or one that lies elsewhere.
 *
 * @throws InputError for what has no http(s) address.
 */
export function download(http: Http, file: FileData | string | URL, signal: AbortSignal): Download {
  const given = httpUrl(isFileData(file) ? file.url : file);
  if (!given || !isPlainUrl(given))
    throw new InputError("download takes a file of the app, or an http(s) address without user and password.");
  // The client's credentials open the app's own; a signature may have expired.
  const url = given.origin === http.settings.base.origin ? new URL(unsignedUrl(given.href)) : given;
  const own = isFileData(file) ? (file.origName ?? file.path) : decoded(url.pathname);
  return { http, url, name: lastPart(own) || "file", signal };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Opens a file: one that lies elsewhere without credentials. Tried again while that fails in passing.
 *
 * @returns what is known of it, and its chunks, which can be read once. Where the connection breaks they go on from there;
 *   they fail with a DownloadError when the file does not come whole: a file that is cut off is no file.
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError.
 */
export async function openFile(from: Download): Promise<{ file: OpenedFile; chunks: AsyncGenerator<Uint8Array> }> {
  const { name } = from;
  const first = await request(from, 0);
  const file = { name, size: sizeOf(first), mimeType: first.headers.get("content-type") };
  return { file, chunks: wholeFile(from, first, file) };
}

async function request({ http, url, name, signal }: Download, start: number): Promise<TransportResponse> {
  // The open form: the one with an end makes the server send back all headers of the request (PROTOCOL.md, 6.3).
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  try {
    return await http.openFile(url, { signal, headers });
  } catch (error) {
    signal.throwIfAborted();
    throw downloadError(name, error);
  }
}

async function* wholeFile(from: Download, first: TransportResponse, file: OpenedFile): AsyncGenerator<Uint8Array> {
  const { http, name, signal } = from;
  const { retry } = http.settings;
  let { size } = file;
  let received = 0;
  let failures = 0;
  const whole = bytesOf(first, signal);
  let body = whole;
  for (;;) {
    try {
      for await (const chunk of body) {
        received += chunk.length;
        failures = 0;
        // A page is not told that an answer of another origin came compressed: its length was that on the wire.
        if (size !== null && received > size && body === whole) size = file.size = null;
        yield chunk;
      }
      if (size === null || received === size) return;
      throw new Error(`It ended after ${received} of ${size} bytes.`);
    } catch (error) {
      signal.throwIfAborted();
      if ((size !== null && received >= size) || failures >= retry.limit) throw downloadError(name, error);
      await sleep(backOff(++failures, retry.minDelay, retry.maxDelay), signal);
      // What comes compressed tells no size, and cannot be asked for from somewhere on: it is read again, and skipped.
      const rest = await request(from, size === null ? 0 : received);
      if (!isSame(first, rest, size)) throw downloadError(name, new Error("It changed while it was being read."));
      body = rest.status === 206 ? bytesOf(rest, signal) : without(bytesOf(rest, signal), received);
    }
  }
}

/** Whether an answer, whole or from somewhere on, is of the file that was begun. Not every header shows in a browser. */
function isSame(first: TransportResponse, next: TransportResponse, size: number | null): boolean {
  const marks = ["etag", "last-modified"]
    .map((name) => [first.headers.get(name), next.headers.get(name)] as const)
    .filter(([before, now]) => before !== null && now !== null);
  if (marks.some(([before, now]) => before !== now)) return false;
  if (next.status !== 206) return size === null ? marks.length > 0 : sizeOf(next) === size;
  if (size === null || next.headers.get("content-encoding") !== null) return false;
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(next.headers.get("content-range") ?? "");
  return total === null || Number(total[1]) === size;
}

/** What came compressed is longer than it was on the wire. */
function sizeOf({ headers }: TransportResponse): number | null {
  const length = headers.get("content-encoding") === null ? headers.get("content-length") : null;
  return length === null ? null : Number(length);
}

async function* bytesOf({ body }: TransportResponse, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    while (reader) {
      const { done, value } = await unlessSilent(reader.read(), signal);
      if (done || !value) return;
      yield value;
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

/** How long a server may be silent in the middle of a file, in milliseconds: then the connection counts as broken. */
const SILENCE = 60_000;

function unlessSilent<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  const timeoutError = (): Error => new Error(`No bytes arrived for ${SILENCE / 1_000} seconds.`);
  return settleWithin(reading, { signal, timeout: SILENCE, timeoutError });
}

/** The chunks after so many bytes. */
async function* without(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** What went wrong with a file, by its name; access refused and no answer in time stay what they are. */
export function downloadError(name: string, cause: unknown): GradioError {
  if (cause instanceof DownloadError || cause instanceof TimeoutError) return cause;
  if (cause instanceof AuthenticationError && cause.status === 401) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const status = cause instanceof GradioError ? cause.status : undefined;
  return new DownloadError(`${name} could not be fetched. ${why}`, { cause, status });
}
