import type { TransportResponse, Upload, UploadFile } from "@gradio-rx/core/platform";
import type { ClientRequest } from "node:http";
import { chunksOf } from "./disk.ts";
import type { Sender } from "./transport.ts";

/** Maximum number of bytes of one write. */
const MAX_WRITE = 256 * 1024;

/**
 * Uploads files as a form. They are read while they are sent, so that memory stays flat. Node's `fetch` keeps what it sends
 * until the answer arrives.
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
    // Without a length, which a stream does not have, the body is sent in chunks.
    length: Number.isNaN(length) ? undefined : length,
  });
  // An error while a file is read is the error of the upload.
  const sending = sendBody(request, body(parts, tail, onProgress)).catch((error: unknown) => {
    request.destroy();
    throw error;
  });
  return await Promise.race([answer, sending.then(() => answer)]);
}

/**
 * Writes chunks one by one. The next one is read when the last one was sent, so that all can share one buffer. A server may
 * answer and close the connection before it has read the body; then writing ends without an error.
 */
async function sendBody(request: ClientRequest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    const sent = await new Promise<boolean>((resolve) => request.write(chunk, (error) => resolve(!error)));
    if (!sent) return;
  }
  request.end();
}

/** Yields the bytes of a form. */
async function* body(
  parts: readonly { file: UploadFile; head: Buffer }[],
  tail: Buffer,
  onProgress: (sent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for (const { file, head } of parts) {
    yield head;
    for await (const chunk of "blob" in file ? chunksOf(file.blob) : file.stream) {
      // A Blob in memory is read as one chunk. It is written in parts, so that progress can be reported.
      for (let at = 0; at < chunk.length; at += MAX_WRITE) {
        const part = chunk.subarray(at, at + MAX_WRITE);
        yield part;
        // Execution continues here when the part was sent.
        sent += part.length;
        onProgress(sent);
      }
    }
    yield Buffer.from("\r\n");
  }
  yield tail;
}

/** Returns the headers of a part. The name is escaped as in browsers, so that it cannot end the header or its quotes. */
function partHead(boundary: string, field: string, file: UploadFile): Buffer {
  const escaped = file.name
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll('"', "%22")
    .replaceAll("\0", "%00");
  const given = "blob" in file ? file.blob.type : file.type;
  // The type of a file on disk is the caller's text, which could end the header.
  const type = /^[\x20-\x7e]+$/.test(given) ? given : "application/octet-stream";
  return Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${escaped}"\r\ncontent-type: ${type}\r\n\r\n`,
  );
}
