import { sleep } from "../timers.ts";
import { type Download, downloadError, type OpenedFile, openFile } from "./downloads.ts";
import { httpUrl } from "./files.ts";

/** Milliseconds between two looks at a playlist that still grows. */
const LOOK = 300;

const types: Readonly<Record<string, string>> = { ".aac": "audio/aac", ".ts": "video/mp2t" };

/** A playlist as it stands: its segments, and whether it is complete. */
interface Playlist {
  segments: readonly URL[];
  ended: boolean;
}

/**
 * Opens a stream of the app (PROTOCOL.md, 6.4): its segments, one after the other, are a media file; they come as the app
 * makes them. The app's own file of the whole is not asked for: asked for too early, it stays as short as it then was.
 *
 * @throws as {@link openFile}.
 */
export async function openMediaStream(
  from: Download,
): Promise<{ file: OpenedFile; chunks: AsyncGenerator<Uint8Array> }> {
  let playlist = await readPlaylist(from);
  while (playlist.segments.length === 0 && !playlist.ended) playlist = await lookAgain(from);
  const ending = /\.\w+$/.exec(playlist.segments[0]?.pathname ?? "")?.[0] ?? "";
  const name = from.name.replace(/\.\w+$/, "") + ending;
  return { file: { name, size: null, mimeType: types[ending] ?? null }, chunks: joined(from, playlist) };
}

async function* joined(from: Download, first: Playlist): AsyncGenerator<Uint8Array> {
  const seen = new Set<string>();
  for (let playlist = first; ; playlist = await lookAgain(from)) {
    for (const url of playlist.segments) {
      if (seen.has(url.href)) continue;
      seen.add(url.href);
      yield* (await openFile({ ...from, url })).chunks;
    }
    if (playlist.ended) return;
  }
}

async function lookAgain(from: Download): Promise<Playlist> {
  await sleep(LOOK, from.signal);
  return await readPlaylist(from);
}

async function readPlaylist(from: Download): Promise<Playlist> {
  const { chunks } = await openFile(from);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  const lines = text.split(/\r?\n/);
  if (!lines[0]?.startsWith("#EXTM3U")) throw downloadError(from.name, new Error("Its playlist is none."));
  const segments = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => httpUrl(new URL(line, from.url)))
    .filter((url) => url !== undefined);
  return { segments, ended: lines.includes("#EXT-X-ENDLIST") };
}
