import { pipeline, type Readable } from "node:stream";

type MakeDecoder = () => NodeJS.ReadWriteStream & Readable;

/** Returns a function for each encoding. `node:zlib` is loaded with the first compressed answer: most apps send none. */
function decoders(): ReadonlyMap<string, MakeDecoder> {
  const { constants, createBrotliDecompress, createGunzip, createInflate } = process.getBuiltinModule("node:zlib");
  // Output is flushed at once, and a body that ends early is not an error, as in browsers.
  const zlib = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  const brotli = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };
  return new Map<string, MakeDecoder>([
    ["gzip", () => createGunzip(zlib)],
    ["x-gzip", () => createGunzip(zlib)],
    ["deflate", () => createInflate(zlib)],
    ["br", () => createBrotliDecompress(brotli)],
  ]);
}

/** Maximum number of encodings of one body. Each takes memory, and a header can list thousands. */
const MAX_ENCODINGS = 5;

/**
 * Decompresses a body. A body with an unknown encoding is returned unchanged.
 *
 * @throws Error for a body with more than five encodings.
 */
export function decompressed(body: Readable, encoding: string): Readable {
  const names = encoding.split(",").map((name) => name.trim().toLowerCase());
  const applied = names.filter((name) => name !== "" && name !== "identity");
  if (applied.length > MAX_ENCODINGS)
    throw new Error(`The answer is compressed ${applied.length} times; at most ${MAX_ENCODINGS} are accepted.`);
  if (applied.length === 0) return body;
  const known = decoders();
  const chain = applied.map((name) => known.get(name));
  if (!chain.every((make) => make !== undefined)) return body;
  // An error of one stream destroys the others, so that the reader receives it.
  return chain.reduceRight<Readable>((bytes, make) => pipeline(bytes, make(), () => undefined), body);
}
