import type { TransportResponse, Upload, UploadFile } from "@gradio-rx/core";
import type { ClientRequest } from "node:http";
import { chunksOf } from "./disk.ts";
import type { Sender } from "./sender.ts";

/** Most bytes handed on at once. */
const PIECE = 256 * 1024;

/**
 * Sends files as a form, read as they are sent: memory stays flat whatever their size. Node's `fetch` keeps what it sends
 * until the answer has come.
 */
export async function sendForm(
  sender: Sender,
  upload: Upload,
  onProgress: (sent: number) => void,
): Promise<TransportResponse> {
  const { url, headers, files, field, signal } = upload;
  const boundary = `----gradio-rx-${crypto.randomUUID()}`;
  const parts = files.map((file) => ({ file, head: partHead(boundary, field, file) }));
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const length = parts.reduce(
    (sum, { file, head }) => sum + head.length + ("blob" in file ? file.blob.size : NaN) + 2,
    tail.length,
  );
  const type = `multipart/form-data; boundary=${boundary}`;
  const { request, answer } = await sender.open(url, {
    method: "POST",
    signal,
    headers: { ...headers, "content-type": type },
    // Without it, as with a stream, the body goes in chunks that tell their own length.
    length: Number.isNaN(length) ? undefined : length,
  });
  // What goes wrong with a file while it is read is the upload's error.
  const unreadable = sendBody(request, body(parts, tail, onProgress)).catch((error: unknown) => {
    request.destroy();
    throw error;
  });
  return await Promise.race([answer, unreadable.then(() => answer)]);
}

/**
 * Sends piece after piece: the next is read when this one has left, so that one buffer may serve them all. A server may
 * answer, and close, before it has read everything: then its answer counts, and the sending just ends.
 */
async function sendBody(request: ClientRequest, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    const left = await new Promise<boolean>((resolve) => request.write(piece, (error) => resolve(!error)));
    if (!left) return;
  }
  request.end();
}

async function* body(
  parts: readonly { file: UploadFile; head: Buffer }[],
  tail: Buffer,
  onProgress: (sent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for (const { file, head } of parts) {
    yield head;
    for await (const chunk of "blob" in file ? chunksOf(file.blob) : file.stream) {
      // A Blob in memory comes as one chunk: in pieces, so that its progress can be told.
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        yield piece;
        // The next piece is asked for when this one has been handed on.
        sent += piece.length;
        onProgress(sent);
      }
    }
    yield Buffer.from("\r\n");
  }
  yield tail;
}

/** Names are escaped as browsers do: whatever they hold, they end no header and no quotation. */
function partHead(boundary: string, field: string, file: UploadFile): Buffer {
  const escaped = file.name
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll('"', "%22")
    .replaceAll("\0", "%00");
  const given = "blob" in file ? file.blob.type : file.type;
  // The type of a file on disk is taken as it was given: here it must end no header.
  const type = /^[\x20-\x7e]+$/.test(given) ? given : "application/octet-stream";
  return Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${escaped}"\r\ncontent-type: ${type}\r\n\r\n`,
  );
}
