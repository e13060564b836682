import { AuthenticationError, DownloadError, GradioError, InputError, TimeoutError } from "../errors.ts";
import { isPlainUrl, unsignedUrl } from "../http/urls.ts";
import { type Http, IDLE_TIMEOUT, idleError } from "../http/request.ts";
import { backOff, settleWithin, sleep } from "../timers.ts";
import type { TransportResponse } from "../transport.ts";
import { type FileData, httpUrl, isFileData, lastPart } from "./files.ts";

/** A file that is being downloaded. */
export interface OpenedFile {
  /** Name that the app or the address gives. It is untrusted: do not use it as a path. */
  name: string;
  /** Size in bytes; `null` where the server does not send it. */
  size: number | null;
  mimeType: string | null;
}

/** A download: its address, its name for errors, and the signal that ends it. */
export interface Download {
  http: Http;
  url: URL;
  name: string;
  signal: AbortSignal;
  /** Time without a byte after which it fails, in milliseconds. */
  idleTimeout: number;
  /** Whether a redirect may lead to a URL of another origin. */
  allows: ((url: URL) => boolean) | undefined;
}

/** Options of {@link downloadOf}. */
export interface DownloadOptions {
  signal: AbortSignal;
  /** Time without a byte after which the download fails, in milliseconds. Default: five minutes. */
  idleTimeout?: number | undefined;
  /** Returns whether a redirect may lead to a URL of another origin. Default: to any. */
  allows?: ((url: URL) => boolean) | undefined;
}

/**
 * Makes the download of a file of the app or of another host.
 *
 * @throws InputError for a value without an http(s) address.
 */
export function downloadOf(
  http: Http,
  file: FileData | string | URL,
  { signal, allows, idleTimeout = IDLE_TIMEOUT }: DownloadOptions,
): Download {
  const given = httpUrl(isFileData(file) ? file.url : file);
  if (!given || !isPlainUrl(given))
    throw new InputError(
      "download takes a file that a call returned, or an http(s) address without user and password.",
    );
  // The client's credentials open files of the app. A signature may have expired.
  const url = given.origin === http.settings.base.origin ? new URL(unsignedUrl(given.href)) : given;
  const name = (isFileData(file) ? nameOf(file) : lastPart(decoded(url.pathname))) || "file";
  return { http, url, name, signal, idleTimeout, allows };
}

/** Returns the name of a file of the app. Its fields may come from a JSON output. */
function nameOf({ origName, path }: FileData): string {
  return lastPart(typeof origName === "string" ? origName : path);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Opens a file; one of another host without credentials. Transient failures are retried.
 *
 * @returns the file and its chunks, which can be read once. Where the connection breaks, the download is resumed. The chunks
 *   fail with a DownloadError where the file is incomplete.
 * @throws DownloadError naming the file; AuthenticationError; TimeoutError.
 */
export async function openFile(from: Download): Promise<{ file: OpenedFile; chunks: AsyncGenerator<Uint8Array> }> {
  const { name } = from;
  const first = await request(from, 0);
  const file = { name, size: sizeOf(first), mimeType: first.headers.get("content-type") };
  return { file, chunks: wholeFile(from, first, file) };
}

async function request({ http, url, name, ...rest }: Download, start: number): Promise<TransportResponse> {
  // An open range: for one with an end, the server sends all headers of the request back (PROTOCOL.md, 6.3).
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  try {
    return await http.openFile(url, { ...rest, headers });
  } catch (error) {
    rest.signal.throwIfAborted();
    throw downloadError(name, error);
  }
}

async function* wholeFile(from: Download, first: TransportResponse, file: OpenedFile): AsyncGenerator<Uint8Array> {
  const { http, url, name, signal, idleTimeout } = from;
  const { retry } = http.settings;
  let { size } = file;
  let received = 0;
  let failures = 0;
  const pace = new Pace();
  const whole = bytesOf(first, from);
  let body = whole;
  for (;;) {
    try {
      for await (const chunk of body) {
        received += chunk.length;
        failures = 0;
        pace.take(chunk.length);
        // In a page, a compressed response of another origin has the length that it had on the wire.
        if (size !== null && received > size && body === whole) size = file.size = null;
        yield chunk;
      }
      if (size === null || received === size) return;
      throw new Error(`It ended after ${received} of ${size} bytes.`);
    } catch (error) {
      signal.throwIfAborted();
      if ((size !== null && received >= size) || failures >= retry.limit) throw downloadError(name, error);
      if (pace.silence >= idleTimeout) throw downloadError(name, idleError(url, idleTimeout));
      if (pace.isTooSlow()) throw downloadError(name, error);
      await sleep(backOff(++failures, retry.minDelay, retry.maxDelay), signal);
      // A compressed file has no known size and cannot be resumed: it is read again, and its beginning skipped.
      const rest = await request(from, size === null ? 0 : received);
      if (!isSame(first, rest, size)) throw downloadError(name, new Error("It changed while it was being read."));
      body = rest.status === 206 ? bytesOf(rest, from) : skipping(bytesOf(rest, from), received);
    }
  }
}

/** Whether a response, whole or partial, belongs to the same version of the file. Browsers hide some headers. */
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

/** Returns the size of a file; `null` for a compressed one, whose length is that on the wire. */
function sizeOf({ headers }: TransportResponse): number | null {
  const length = headers.get("content-encoding") === null ? headers.get("content-length") : null;
  return length === null ? null : Number(length);
}

/** Time for which the bytes of a download are counted, in milliseconds. */
const PACE_TIME = 60_000;

/** Pace of a download that is resumed again and again: each connection may bring a few bytes, so that it would never end. */
class Pace {
  #lastByte = performance.now();
  #since = this.#lastByte;
  #bytes = 0;

  take(bytes: number): void {
    this.#lastByte = performance.now();
    this.#bytes += bytes;
  }

  /** Time without a byte, in milliseconds. */
  get silence(): number {
    return performance.now() - this.#lastByte;
  }

  /** Returns whether a minute or more brought less than a byte per second. After a minute, counting starts anew. */
  isTooSlow(): boolean {
    const time = performance.now() - this.#since;
    if (time < PACE_TIME) return false;
    const isTooSlow = this.#bytes < time / 1_000;
    [this.#since, this.#bytes] = [performance.now(), 0];
    return isTooSlow;
  }
}

async function* bytesOf({ body }: TransportResponse, from: Download): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    while (reader) {
      const { done, value } = await withinSilence(reader.read(), from);
      if (done || !value) return;
      yield value;
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

/** Time without a byte after which the connection of a download counts as broken, in milliseconds. */
const MAX_SILENCE = 60_000;

function withinSilence<T>(reading: Promise<T>, { url, signal, idleTimeout }: Download): Promise<T> {
  const timeout = Math.min(MAX_SILENCE, idleTimeout);
  return settleWithin(reading, { signal, timeout, timeoutError: () => idleError(url, timeout) });
}

/** Skips the first bytes of a body. */
async function* skipping(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** Returns the error of a failed download, which names the file. A refused access and the time limit of a request stay as they are. */
export function downloadError(name: string, cause: unknown): GradioError {
  if (cause instanceof DownloadError || cause instanceof InputError) return cause;
  if (cause instanceof TimeoutError && cause.kind !== "idle") return cause;
  if (cause instanceof AuthenticationError && cause.status === 401) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const status = cause instanceof GradioError ? cause.status : undefined;
  return new DownloadError(`${JSON.stringify(name)} could not be downloaded. ${why}`, { cause, status });
}
