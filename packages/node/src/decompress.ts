import { pipeline, type Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

// What is there is handed on at once, and a body that ends early is as long as it came: as browsers have it.
const zlib = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotli = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** The bytes of a body before they were compressed; ways of compressing that nobody asked for are left as they are. */
export function decompressed(body: Readable, encoding: string): Readable {
  const ways = encoding.toLowerCase().split(",");
  return ways.reduceRight<Readable>((bytes, way) => {
    const back = wayBack(way.trim());
    // What breaks one breaks the other; whoever reads is told by it.
    return back ? pipeline(bytes, back, () => undefined) : bytes;
  }, body);
}

function wayBack(way: string) {
  if (way === "gzip" || way === "x-gzip") return createGunzip(zlib);
  if (way === "deflate") return createInflate(zlib);
  return way === "br" ? createBrotliDecompress(brotli) : undefined;
}
