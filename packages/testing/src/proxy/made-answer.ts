import type * as Zlib from "node:zlib";
import type { AnswerHead } from "./answer-writer.ts";
import type { BodyFault, MadeAnswer } from "./fault.ts";

const MEGABYTE = 1_048_576;

/** Returns head and body of a response that the proxy makes. */
export function makeAnswer(
  { status = 200, headers = {}, body, bomb }: MadeAnswer,
  request: { path: string; query: string; origin: string | undefined },
  zlib: typeof Zlib,
): { head: AnswerHead; body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> } {
  const own = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value.replaceAll("$path", request.path).replaceAll("$query", request.query),
  ]);
  if (request.origin !== undefined)
    own.push(["access-control-allow-origin", request.origin], ["access-control-expose-headers", "*"]);
  const head = { status, reason: "Made", headers: own };
  const type = (name: string): void => {
    if (!own.some(([one]) => one === "content-type")) own.push(["content-type", name]);
  };
  if (bomb !== undefined) {
    type("application/json");
    own.push(["content-encoding", "gzip"]);
    return { head, body: compressedSpace(bomb, zlib) };
  }
  const json = body !== undefined && typeof body !== "string";
  if (body !== undefined) type(json ? "application/json" : "text/html; charset=utf-8");
  const bytes = Buffer.from(json ? JSON.stringify(body) : (body ?? ""));
  own.push(["content-length", String(bytes.length)]);
  return { head, body: [bytes] };
}

/** Returns compressed white space that is generated as it is read. */
function compressedSpace(size: number, zlib: typeof Zlib): AsyncIterable<Uint8Array> {
  const gzip = zlib.createGzip();
  const blank = Buffer.alloc(MEGABYTE, " ");
  let left = size;
  const feed = (): void => {
    while (left > 0) {
      left -= blank.length;
      if (!gzip.write(blank)) return void gzip.once("drain", feed);
    }
    gzip.end("{}");
  };
  feed();
  return gzip;
}

/** Compresses a body. Broken data is cut off in the middle, and its bytes are overwritten. */
export function compress(bytes: Uint8Array, how: NonNullable<BodyFault["encoding"]>, zlib: typeof Zlib): Uint8Array {
  const packed = zlib.gzipSync(bytes);
  if (how === "gzip") return packed;
  const broken = packed.subarray(0, Math.max(12, Math.floor(packed.length / 2)));
  broken.fill(0xff, 10);
  return broken;
}
