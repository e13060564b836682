import type { MediaStream } from "../values/media-streams.ts";
import { createBlob } from "../values/blobs.ts";
import type { Handler } from "./server-context.ts";
import { textReply } from "./replies.ts";

/** `GET /stream/{session_hash}/{run}/{component_id}/{name}`: the playlist of a media stream, one of its pieces, or all pieces in one file. */
export const serveStream: Handler = async (
  _,
  { session_hash = "", run = "", component_id = "", name = "" },
  server,
) => {
  const stream = server.media.get(`${session_hash}/${run}/${component_id}`);
  if (stream === undefined) return new Response(null, { status: 404 });
  if (name === "playlist.m3u8") {
    const headers = { "content-type": "application/vnd.apple.mpegurl", "cache-control": "no-store" };
    return new Response(playlist(stream), { headers });
  }
  if (name === "playlist-file")
    return new Response(await createBlob(stream.pieces.map(({ content }) => content)).arrayBuffer());
  const piece = stream.pieces.find((one) => one.name === name);
  if (piece === undefined) return textReply("Segment not found", 404);
  const type = name.endsWith(".ts") ? "video/MP2T" : "audio/aac";
  return new Response(await piece.content.arrayBuffer(), { headers: { "content-type": type } });
};

function playlist({ pieces, ended }: MediaStream): string {
  const lines = [
    "#EXTM3U",
    "#EXT-X-PLAYLIST-TYPE:EVENT",
    "#EXT-X-TARGETDURATION:1",
    "#EXT-X-VERSION:4",
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-START:TIME-OFFSET=0",
    ...pieces.flatMap(({ name, seconds }) => [`#EXTINF:${seconds.toFixed(6)},`, name]),
    ...(ended ? ["#EXT-X-ENDLIST"] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
