import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** An answer of `node:http` as a web Response. */
function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers();
  const { rawHeaders, statusCode = 500 } = incoming;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  const hasBody = statusCode >= 200 && ![204, 205, 304].includes(statusCode);
  if (!hasBody) incoming.resume();
  const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status: Math.max(200, statusCode), headers });
}

/** Settles a promise with an answer; one that the web does not know, such as status 600, is a failure of the request. */
export function answer(
  incoming: IncomingMessage,
  resolve: (response: Response) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(toResponse(incoming));
  } catch (error) {
    incoming.destroy();
    reject(error);
  }
}
