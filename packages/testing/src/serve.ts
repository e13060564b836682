import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { App } from "./app.ts";
import { createApp } from "./app.ts";
import type { EndpointValue } from "./endpoint/endpoint.ts";
import type { AppOptions } from "./options.ts";
import type { Fetch } from "./transport.ts";

/** Options of {@link serveApp}. */
export interface ServeOptions extends AppOptions {
  /** Port. Default 0: a free port. */
  port?: number;
}

/** An app that listens on a port. */
export interface ServedApp extends App, AsyncDisposable {}

/**
 * Serves a Gradio app over HTTP on 127.0.0.1. Node only.
 *
 * @param endpoints - a function, or the result of `endpoint`, for each endpoint name.
 * @throws Error if the port is in use.
 *
 * @example
 * const app = await serveApp({ "/greet": (name: string) => `Hello ${name}` });
 * const answer = await fetch(`${app.url}/config`);
 * await app.close();
 */
export async function serveApp(
  endpoints: Readonly<Record<string, EndpointValue>>,
  options: ServeOptions = {},
): Promise<ServedApp> {
  const app = createApp(endpoints, options);
  // Imported here, because the rest of the package also runs in browsers.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => void respond(request, response, (sent) => app.fetch(sent)));
  await listen(server, options.port ?? 0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    await app.close();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return {
    url: app.url.replace("http://app.test", `http://127.0.0.1:${String(port)}`),
    requests: app.requests,
    count: (method, path) => app.count(method, path),
    get openStreams() {
      return app.openStreams;
    },
    get running() {
      return app.running;
    },
    get queued() {
      return app.queued;
    },
    dropStreams: (how) => app.dropStreams(how),
    restart: () => app.restart(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, fetch: Fetch): Promise<void> {
  const disconnected = new AbortController();
  // Node no longer aborts the request's signal once the request is garbage collected: keep it until the client disconnects.
  let request: Request | null = toRequest(incoming, disconnected.signal);
  const disconnect = (): void => {
    disconnected.abort();
    request = null;
  };
  outgoing.on("close", disconnect);
  outgoing.on("error", disconnect);
  try {
    const response = await fetch(request);
    await write(response, outgoing);
    outgoing.end();
  } catch {
    outgoing.socket?.destroySoon(); // sends what was written, but not the last chunk: the client sees an incomplete body
  }
}

/** Writes an event stream chunk by chunk, and any other response with a `content-length`. */
async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  const headers = headersOf(response);
  if (response.body !== null && String(headers["content-type"]).startsWith("text/event-stream")) {
    outgoing.writeHead(response.status, headers);
    outgoing.flushHeaders();
    for await (const chunk of response.body) if (!outgoing.write(chunk)) await drained(outgoing);
    return;
  }
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, { "content-length": String(body.length), ...headers });
  outgoing.write(body);
}

/** Resolves when more can be written, or the client has disconnected. Node fails to write some 100 MB of small chunks at once. */
function drained(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed || !outgoing.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const method = incoming.method ?? "GET";
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
  }
  const host = headers.get("host") ?? "127.0.0.1";
  const url = `http://${host}${incoming.url ?? "/"}`;
  const body = method === "GET" || method === "HEAD" ? undefined : { body: bodyOf(incoming), duplex: "half" };
  const request = new Request(url, { method, headers, signal, ...body });
  // The Request of a test environment, such as happy-dom, drops the headers that pages cannot set: `origin`, `host`, `cookie` …
  return Object.defineProperty(request, "headers", { value: headers });
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

function headersOf(response: Response): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  // Headers of the request's connection that were echoed do not apply to this one.
  for (const name of ["connection", "transfer-encoding", "keep-alive"]) delete headers[name];
  return headers;
}
