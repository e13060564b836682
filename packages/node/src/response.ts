import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** An answer of `node:http` as a web Response. */
export function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers();
  const { rawHeaders, statusCode = 500 } = incoming;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  const hasBody = statusCode >= 200 && ![204, 205, 304].includes(statusCode);
  if (!hasBody) incoming.resume();
  const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status: Math.max(200, statusCode), headers });
}
