import { openAsBlob } from "node:fs";
import { open, stat } from "node:fs/promises";

/** Bytes that are read at once. */
const CHUNK_SIZE = 256 * 1024;

/** Paths of the Blobs that {@link diskFile} has made. */
const paths = new WeakMap<Blob, string>();

/**
 * Returns a Blob whose bytes stay on the disk until they are sent.
 *
 * @throws the error of the file system where the file does not exist; it fails the upload.
 */
export async function diskFile(path: string, type: string | undefined): Promise<Blob> {
  if (!(await stat(path)).isFile()) throw new Error(`${JSON.stringify(path)} is not a file.`);
  const blob = await openAsBlob(path, type === undefined ? {} : { type });
  paths.set(blob, path);
  return blob;
}

/**
 * Reads the bytes of a Blob; also of one of another library or of a test environment, whose stream may not be iterable. Chunks
 * of a file on the disk share one buffer: each is valid until the next is read.
 */
export async function* chunksOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const path = paths.get(blob);
  if (path !== undefined) yield* fromDisk(path, blob.size);
  else if (typeof blob.stream === "function") yield* fromStream(blob.stream());
  else yield new Uint8Array(await blob.arrayBuffer());
}

async function* fromStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // A reader of another library may have no cancel.
    await reader.cancel?.();
  }
}

async function* fromDisk(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_SIZE, Math.max(1, size)));
    for (let left = size; left > 0;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(left, buffer.length));
      if (bytesRead === 0) throw new Error("The file became shorter while it was being read.");
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
