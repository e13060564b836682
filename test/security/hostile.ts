import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";

/** A request that a server received completely. */
export interface Seen {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that records its requests. */
export interface Recorder {
  /** URL without a slash at the end. */
  url: string;
  seen: Seen[];
  /** Requests to a path, given without its prefix. */
  of(path: string): Seen[];
}

/** Responds to a request in place of the app; returns whether it did. */
export type Trick = (request: Seen, response: ServerResponse) => boolean;

/** Differences between a hostile app and an honest one. */
export interface Hostility {
  /** Fields to add to, or replace in, the configuration. */
  config?: Record<string, unknown>;
  trick?: Trick;
  /** Messages of a call, with `$ID` for its id. Default: the output `"fine"`. */
  messages?: readonly unknown[];
  /** Handles a WebSocket of Gradio 3. Default: closes it. */
  socket?: (request: Seen, socket: Duplex) => void;
}

const component = (id: number, type: string): object => ({ id, type, props: { label: type }, skip_api: false });
const dependency = (id: number, name: string, inputs: number[], outputs: number[]): object => ({
  id,
  api_name: name,
  inputs,
  outputs,
  backend_fn: true,
  queue: true,
  types: { generator: false, cancel: false },
});

/** Functions of the honest app. */
export const dependencies = [
  dependency(0, "echo", [1], [1]),
  dependency(1, "show", [], [2]),
  dependency(2, "take", [2], [1]),
] as const;

/** Describes an app of Gradio 6 with three functions: `/echo` returns anything, `/show` returns a file, `/take` expects one. */
const honest = {
  version: "6.31.0",
  protocol: "sse_v3",
  api_prefix: "/gradio_api",
  components: [component(1, "json"), component(2, "file")],
  dependencies,
};

const meta = { properties: { _type: { const: "gradio.FileData" } } };
const fileSchema = { properties: { path: { type: "string" }, meta } };
const described = (name: string, kind: string, type: object): object => ({
  parameter_name: name,
  label: name,
  component: kind,
  type,
});
const info = {
  named_endpoints: {
    "/echo": { parameters: [described("value", "Json", {})], returns: [described("value", "Json", {})] },
    "/show": { parameters: [], returns: [described("file", "File", fileSchema)] },
    "/take": { parameters: [described("file", "File", fileSchema)], returns: [described("value", "Json", {})] },
  },
  unnamed_endpoints: {},
};

/** Messages of an honest app for a call that returned a value. */
export function gave(...data: unknown[]): object {
  return { msg: "process_completed", event_id: "$ID", success: true, output: { data } };
}

/** `FileData` of an honest app. */
export function file(path: string, more: Record<string, unknown> = {}): object {
  return { path, orig_name: null, size: null, mime_type: null, meta: { _type: "gradio.FileData" }, ...more };
}

/** Starts a hostile app on 127.0.0.1. */
export async function hostileApp({
  config,
  trick,
  messages = [gave("fine")],
  socket,
}: Hostility = {}): Promise<Recorder> {
  let calls = 0;
  const waiting: string[] = [];
  const say = (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const id of waiting.splice(0))
      for (const message of messages)
        response.write(
          typeof message === "string"
            ? message.replaceAll("$ID", id)
            : `data: ${JSON.stringify(message).replaceAll("$ID", id)}\n\n`,
        );
    response.end('data: {"msg":"close_stream","event_id":null}\n\n');
  };
  const answer = (request: Seen, response: ServerResponse): void => {
    const path = request.url.replace("/gradio_api", "").replace(/\?.*/, "");
    const json = (value: unknown): void => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (trick?.(request, response)) return;
    if (path === "/config") json({ ...honest, ...config });
    else if (path === "/info") json(info);
    else if (path === "/upload") json(["/tmp/gradio/up"]);
    else if (path === "/queue/data") say(response);
    else if (path === "/queue/join") {
      waiting.push(`e${++calls}`);
      json({ event_id: `e${calls}` });
    } else if (path.startsWith("/file=")) response.end("content");
    else json({ success: true });
  };
  return await serve(answer, socket);
}

/** Starts a server on another origin, which must not receive data of the caller. It responds to everything. */
export async function otherServer(trick?: Trick): Promise<Recorder> {
  return await serve((request, response) => {
    if (trick?.(request, response)) return;
    response.setHeader("set-cookie", "theirs=1");
    response.end(JSON.stringify({ ...honest, event_id: "x" }));
  });
}

async function serve(
  answer: (request: Seen, response: ServerResponse) => void,
  onSocket: Hostility["socket"] = (_, socket) => void socket.destroy(),
): Promise<Recorder> {
  const seen: Seen[] = [];
  const take = async (incoming: IncomingMessage): Promise<Seen> => {
    let body = "";
    incoming.setEncoding("latin1");
    for await (const chunk of incoming) body += chunk as string;
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body };
    seen.push(request);
    return request;
  };
  const server = createServer((incoming, response) => {
    take(incoming).then(
      (request) => answer(request, response),
      () => response.destroy(),
    );
  });
  server.on("upgrade", ({ method = "", url = "", headers }, socket) => {
    const request = { method, url, headers, body: "" };
    seen.push(request);
    socket.on("error", () => undefined);
    onSocket(request, socket);
  });
  return {
    url: await listen(server),
    seen,
    of: (path) => seen.filter(({ url }) => url.startsWith(path) || url.startsWith(`/gradio_api${path}`)),
  };
}

/** Starts a server, which ends with the test; returns its URL. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
