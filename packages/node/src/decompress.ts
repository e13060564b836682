import { pipeline, type Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

// What is there is handed on at once, and a body that ends early is as long as it came: as browsers have it.
const zlib = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotli = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const ways = new Map<string, () => NodeJS.ReadWriteStream & Readable>([
  ["gzip", () => createGunzip(zlib)],
  ["x-gzip", () => createGunzip(zlib)],
  ["deflate", () => createInflate(zlib)],
  ["br", () => createBrotliDecompress(brotli)],
]);

/** How often a body may be compressed: each time takes memory, and a header has room for thousands. */
const MOST = 5;

/**
 * The bytes of a body before they were compressed. What is compressed in a way that nobody asked for is left as it is.
 *
 * @throws Error for a body that is compressed again and again.
 */
export function decompressed(body: Readable, encoding: string): Readable {
  const names = encoding.split(",").map((name) => name.trim().toLowerCase());
  const applied = names.filter((name) => name !== "" && name !== "identity");
  if (applied.length > MOST) throw new Error(`The answer is compressed ${applied.length} times.`);
  const back = applied.map((name) => ways.get(name));
  if (!back.every((make) => make !== undefined)) return body;
  // What breaks one breaks the other; whoever reads is told by it.
  return back.reduceRight<Readable>((bytes, make) => pipeline(bytes, make(), () => undefined), body);
}
