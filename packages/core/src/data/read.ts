import { DownloadError, ProtocolError } from "../errors.ts";
import { type Http, idleError } from "../http/request.ts";
import { callListener, sleep } from "../timers.ts";
import {
  type Download,
  downloadError,
  downloadOf,
  type DownloadOptions,
  type OpenedFile,
  openFile,
} from "./downloads.ts";
import { type FileData, httpUrl, isFileData, lastPart } from "./files.ts";

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
 * Reads a file chunk by chunk: downloads it, or decodes its data URL. Of a media stream, all segments are downloaded until the stream ends.
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

/** Time between two reads of a playlist that still grows, in milliseconds. */
const POLL_INTERVAL = 300;

/** Media types of segments, by the ending of their names. */
const types: Readonly<Record<string, string>> = { ".aac": "audio/aac", ".ts": "video/mp2t" };

/** A playlist: its segments so far, and whether it is complete. */
interface Playlist {
  segments: readonly URL[];
  ended: boolean;
}

/**
 * Opens a media stream of the app (PROTOCOL.md, 6.4). Its segments, joined, are a media file; they are downloaded as the app
 * makes them. The app also has a file of the whole stream. A request before the end of the stream leaves that file incomplete.
 *
 * @throws the errors of {@link openFile}; DownloadError for an invalid playlist, and for one of more bytes than `limits.body`.
 */
async function openMediaStream(download: Download): Promise<{ file: OpenedFile; chunks: AsyncGenerator<Uint8Array> }> {
  let playlist = await readPlaylist(download);
  const began = performance.now();
  while (playlist.segments.length === 0 && !playlist.ended) {
    if (performance.now() - began >= download.idleTimeout)
      throw downloadError(download.name, idleError(download.url, download.idleTimeout));
    playlist = await readAgain(download);
  }
  const ending = /\.\w+$/.exec(playlist.segments[0]?.pathname ?? "")?.[0] ?? "";
  const name = download.name.replace(/\.\w+$/, "") + ending;
  return { file: { name, size: null, mimeType: types[ending] ?? null }, chunks: segments(download, playlist) };
}

async function* segments(download: Download, first: Playlist): AsyncGenerator<Uint8Array> {
  const { url: address, idleTimeout } = download;
  const seen = new Set<string>();
  let last = performance.now();
  for (let playlist = first; ; playlist = await readAgain(download)) {
    const fresh = playlist.segments.filter(({ href }) => !seen.has(href));
    if (fresh.length > 0) last = performance.now();
    else if (performance.now() - last >= idleTimeout)
      throw downloadError(download.name, idleError(address, idleTimeout));
    for (const url of fresh) {
      seen.add(url.href);
      yield* (await openFile({ ...download, url })).chunks;
    }
    if (playlist.ended) return;
  }
}

async function readAgain(download: Download): Promise<Playlist> {
  await sleep(POLL_INTERVAL, download.signal);
  return await readPlaylist(download);
}

async function readPlaylist(download: Download): Promise<Playlist> {
  const lines = (await playlistText(download)).split(/\r?\n/);
  if (!lines[0]?.startsWith("#EXTM3U")) throw invalid(download, "it does not begin with #EXTM3U");
  const addresses = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const found = addresses.map((line) => {
    const url = URL.canParse(line, download.url) ? httpUrl(new URL(line, download.url)) : undefined;
    if (!url) throw invalid(download, `${JSON.stringify(download.http.quote(line))} is not an http(s) address`);
    return url;
  });
  return { segments: found, ended: lines.includes("#EXT-X-ENDLIST") };
}

/** Reads the text of a playlist. It is counted after decompression, as a small response may expand without end. */
async function playlistText(download: Download): Promise<string> {
  const { body: limit } = download.http.settings.limits;
  const { chunks } = await openFile(download);
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw invalid(download, `it has more than ${limit} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function invalid({ name }: Download, problem: string): Error {
  return downloadError(name, new ProtocolError(`Its playlist is invalid: ${problem}.`));
}

/** Limits for the files of outputs that are downloaded before an output is emitted. */
export interface OutputFileLimits {
  /** Hosts that files may come from, besides those of the app and its Space. Default none. */
  hosts?: readonly string[] | undefined;
  /** Maximum number of files of one output. Default 1 000. */
  maxFiles?: number | undefined;
  /** Maximum size of the files of one output in bytes. Default 10 GiB. */
  maxBytes?: number | undefined;
}

/** Options of the download of one file of an output. */
export interface OutputFileOptions extends DownloadOptions {
  onProgress: (progress: DownloadProgress) => void;
}

/** Downloads files of outputs, within limits. */
export interface OutputFiles {
  /** Maximum number of files of one output. */
  readonly maxFiles: number;
  /** Maximum size of the files of one output in bytes. */
  readonly maxBytes: number;
  /** Downloads a file, and returns its path on this machine. */
  download(file: FileData, options: OutputFileOptions): Promise<string>;
}

const MAX_FILES = 1_000;
const MAX_BYTES = 10 * 1_024 ** 3;

/**
 * Returns the download of files of an app's outputs.
 *
 * @param spaceId - `owner/name` of the app's Space; `null` for an app that is not a Space.
 * @param save - writes a file, and returns its path.
 */
export function outputFiles(
  http: Http,
  spaceId: string | null,
  save: UseFile<string>,
  { hosts = [], maxFiles = MAX_FILES, maxBytes = MAX_BYTES }: OutputFileLimits,
): OutputFiles {
  const { base } = http.settings;
  const space = spaceId === null ? [] : [`${spaceId.replace(/[/._]/g, "-")}.hf.space`];
  const allowed = new Set([base.host, ...space, ...hosts].map((host) => host.toLowerCase()));
  const allows = ({ host, hostname }: URL): boolean => allowed.has(host) || allowed.has(hostname);
  return {
    maxFiles,
    maxBytes,
    async download(file, options) {
      const url = httpUrl(file.url);
      if (url && !allows(url)) throw refused(file, url);
      return await readFile(http, file, { ...options, allows }, save);
    },
  };
}

function refused({ origName, path }: FileData, { host }: URL): DownloadError {
  const name = JSON.stringify(lastPart(origName ?? path) || "file");
  return new DownloadError(
    `${name} was not downloaded: it is on another host, ${host}. Add the host to the option "downloadFiles" (hosts) if you trust it.`,
  );
}
