import { ProtocolError } from "../errors.ts";
import { idleError } from "../http/request.ts";
import { sleep } from "../timers.ts";
import { type Download, downloadError, type OpenedFile, openFile } from "./downloads.ts";
import { httpUrl } from "./files.ts";

/** Time between two reads of a playlist that still grows, in milliseconds. */
const POLL_INTERVAL = 300;

const types: Readonly<Record<string, string>> = { ".aac": "audio/aac", ".ts": "video/mp2t" };

/** A playlist: its segments so far, and whether it is complete. */
interface Playlist {
  segments: readonly URL[];
  ended: boolean;
}

/**
 * Opens a media stream of the app (PROTOCOL.md, 6.4). Its segments, joined, are a media file; they are downloaded as the app
 * makes them. The app also has a file of the whole stream, but if it is requested too early, it stays incomplete.
 *
 * @throws the errors of {@link openFile}; DownloadError for an invalid playlist, and for one of more bytes than `limits.body`.
 */
export async function openMediaStream(
  download: Download,
): Promise<{ file: OpenedFile; chunks: AsyncGenerator<Uint8Array> }> {
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
  const lines = (await readText(download)).split(/\r?\n/);
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
async function readText(download: Download): Promise<string> {
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
