import type { Server, Socket } from "node:net";
import { exchange, type NodeModules } from "./exchange.ts";
import type { Rule } from "./fault.ts";
import { RequestReader } from "./read-request.ts";
import { matches, Rules } from "./rules.ts";

/** A request that a proxy received. */
export interface PassedRequest {
  method: string;
  /** Path without the query. */
  path: string;
  /** Headers by name in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Whether it was forwarded to the app. */
  forwarded: boolean;
  /** Whether a fault was applied to it. */
  struck: boolean;
}

/** A proxy that interferes with single requests. */
export interface FaultProxy extends AsyncDisposable {
  /** URL of the proxy, without a slash at the end. */
  readonly url: string;
  /** All requests, in order. */
  readonly requests: readonly PassedRequest[];
  /** Number of open connections. */
  readonly openConnections: number;
  /** Adds rules after the existing ones. If several match a request, the first one applies. */
  add(...rules: readonly Rule[]): void;
  /** Removes all rules. Faults that have begun continue. */
  clear(): void;
  /** Number of requests, or of those that were forwarded to the app. The path is a pattern as in {@link Rule}. */
  count(method: string, path: string, options?: { forwarded?: boolean }): number;
  /** Closes open connections and refuses new ones, for some milliseconds or until `accept` is called. */
  refuse(milliseconds?: number): Promise<void>;
  /** Accepts connections again, at the same address. */
  accept(): Promise<void>;
  /** Closes all connections and the server. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on 127.0.0.1 between a client and any Gradio app. It interferes with single requests like unreliable networks,
 * proxies and servers do. Without a rule it changes nothing. HTTP/1.1, Node only.
 *
 * @param app - URL of the app.
 *
 * @example
 * await using proxy = await faultProxy(app.url);
 * const client = await Client.connect(proxy.url);
 * proxy.add({ path: "/queue/data", fault: { breaks: { at: { event: "process_generating" }, how: "reset" } } });
 * await client.predict("/write", ["rain"]); // ConnectionError, accepted: true
 */
export async function faultProxy(app: string | URL): Promise<FaultProxy> {
  // Imported here, because the rest of the package also runs in browsers.
  const [net, http, zlib] = await Promise.all([import("node:net"), import("node:http"), import("node:zlib")]);
  const modules = { http, zlib };
  const context = { upstream: new URL(app), rules: new Rules(), requests: [] as PassedRequest[], modules };
  const sockets = new Set<Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    void serve(socket, context);
  });
  let port = await listen(server, 0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const accept = async (): Promise<void> => {
    clearTimeout(timer);
    if (!server.listening) port = await listen(server, port);
  };
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    requests: context.requests,
    get openConnections() {
      return sockets.size;
    },
    add: (...rules) => context.rules.add(rules),
    clear: () => context.rules.clear(),
    count: (method, path, { forwarded = false } = {}) =>
      context.requests.filter((one) => matches({ method, path }, one.method, one.path) && (one.forwarded || !forwarded))
        .length,
    async refuse(milliseconds) {
      await close();
      if (milliseconds !== undefined) timer = setTimeout(() => void accept(), milliseconds);
    },
    accept,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ProxyContext {
  upstream: URL;
  rules: Rules;
  requests: PassedRequest[];
  modules: NodeModules;
}

/** Handles the requests of one connection, one after the other. */
async function serve(socket: Socket, { upstream, rules, requests, modules }: ProxyContext): Promise<void> {
  const reader = new RequestReader(socket);
  for (let open = true; open;) {
    const request = await reader.head();
    if (request === null) return void socket.end();
    const { method, target, headers } = request;
    const path = target.split("?", 1)[0] ?? "/";
    const fault = rules.faultFor(method, path);
    const passed = { method, path, headers, forwarded: false, struck: fault !== undefined };
    requests.push(passed);
    const onForward = (): void => void (passed.forwarded = true);
    open = await exchange({ ...modules, socket, reader, request, fault: fault ?? {}, upstream, onForward });
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
