import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RequestHandler } from "./handler.ts";

/** A listener of `node:http`, or a handler of Express and similar frameworks. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error: unknown) => void,
) => void;

/**
 * Converts a function that answers a `Request` with a `Response` to a listener for `node:http`, Express and similar frameworks. In
 * Express, add it before body parsers, which would read the body.
 *
 * @example
 * ```ts
 * app.use("/api/gradio", toNodeListener(gradioProxy({ apps: ["owner/name"], token })));
 * ```
 */
export function toNodeListener(handler: RequestHandler): NodeListener {
  return (incoming, outgoing, next) => {
    const fail = (error: unknown): void => {
      if (next && !outgoing.headersSent) next(error);
      else if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500).end();
    };
    respond(handler, incoming, outgoing).catch(fail);
  };
}

async function respond(handler: RequestHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const answer = await handler(requestOf(incoming, gone.signal));
  if (gone.signal.aborted) {
    await answer.body?.cancel();
    return;
  }
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (!answer.body) {
    outgoing.end();
    return;
  }
  // Sends the head of a stream before its first event.
  outgoing.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), outgoing).catch(
    (error: unknown) => {
      if (!gone.signal.aborted) throw error;
    },
  );
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", headers, socket } = incoming;
  // Express removes the path at which the handler is mounted.
  const path = (incoming as { originalUrl?: string }).originalUrl ?? incoming.url ?? "/";
  const protocol = "encrypted" in socket && socket.encrypted ? "https" : "http";
  const url = new URL(path.startsWith("/") ? `${protocol}://${headers.host ?? "localhost"}${path}` : path);
  const given = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) given.append(name, one);
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: bodyOf(incoming), duplex: "half" } : {};
  return new Request(url, { method, headers: given, signal, ...body });
}

/**
 * Returns the body of a request. It is not touched before it is read, because Node discards an untouched body, so that the connection can be
 * used again.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        chunks ??= incoming.iterator({ destroyOnReturn: false });
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks?.return?.();
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}
