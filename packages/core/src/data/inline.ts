import { DownloadError } from "../errors.ts";
import type { UploadFile } from "../transport.ts";
import type { OpenedFile } from "./downloads.ts";
import type { FileData } from "./files.ts";

/** Bytes that are written at once: more arguments than this a function may not take. */
const PIECE = 0x6000;

/** A file as a data URL: its bytes in the address itself. */
export async function dataUrl(file: UploadFile): Promise<string> {
  const blob = "blob" in file ? file.blob : await new Response(file.stream).blob();
  const type = "blob" in file ? file.blob.type : file.type;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let written = "";
  // A piece is a multiple of three bytes: so each can be written by itself.
  for (let at = 0; at < bytes.length; at += PIECE)
    written += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return `data:${type || "application/octet-stream"};base64,${written}`;
}

/**
 * Opens a file whose bytes are in its address.
 *
 * @throws DownloadError where they cannot be read.
 */
export function openDataUrl({ url, origName }: FileData): { file: OpenedFile; chunks: AsyncIterable<Uint8Array> } {
  const name = origName ?? "file";
  const comma = url.indexOf(",");
  const head = url.slice("data:".length, comma);
  try {
    const text = /;base64$/i.test(head) ? atob(url.slice(comma + 1)) : decodeURIComponent(url.slice(comma + 1));
    const bytes = /;base64$/i.test(head)
      ? Uint8Array.from(text, (character) => character.charCodeAt(0))
      : new TextEncoder().encode(text);
    const file = { name, size: bytes.length, mimeType: head.split(";")[0] || null };
    return { file, chunks: once(bytes) };
  } catch (cause) {
    throw new DownloadError(`${name} cannot be read: its address holds no file.`, { cause });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
