import { openAsBlob } from "node:fs";
import { open, stat } from "node:fs/promises";

/** Bytes read at once. */
const PIECE = 256 * 1024;

/** Where the Blobs lie that {@link diskFile} made. */
const paths = new WeakMap<Blob, string>();

/**
 * A Blob whose bytes stay on the disk until they are sent.
 *
 * @throws what the file system does where there is no such file: it fails the upload.
 */
export async function diskFile(path: string, type: string | undefined): Promise<Blob> {
  if (!(await stat(path)).isFile()) throw new Error(`${JSON.stringify(path)} is no file.`);
  const blob = await openAsBlob(path, type === undefined ? {} : { type });
  paths.set(blob, path);
  return blob;
}

/** The bytes of a Blob. Those of a file on the disk come in one buffer, time and again: each is to be used before the next. */
export async function* chunksOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const path = paths.get(blob);
  if (path === undefined) yield* blob.stream();
  else yield* fromDisk(path, blob.size);
}

async function* fromDisk(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, size)));
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
