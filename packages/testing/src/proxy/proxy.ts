import type { Server, Socket } from "node:net";
import { exchange, type Platform } from "./exchange.ts";
import type { Rule } from "./fault.ts";
import { RequestReader } from "./read-request.ts";
import { fits, Rules } from "./rules.ts";

/** One request that came to a proxy. */
export interface PassedRequest {
  method: string;
  /** Without its query. */
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Whether the app got it. */
  forwarded: boolean;
  /** Whether it met a fault. */
  struck: boolean;
}

/** A proxy that is out to make trouble. */
export interface FaultProxy extends AsyncDisposable {
  /** Its own address, without a slash at its end. */
  readonly url: string;
  /** Everything that came, in order. */
  readonly requests: readonly PassedRequest[];
  /** How many connections are open. */
  readonly openConnections: number;
  /** Adds rules behind those that are there; of those that fit, the first counts. */
  add(...rules: readonly Rule[]): void;
  /** Takes all rules away. What has begun goes on. */
  clear(): void;
  /** How many requests came, or, of those, how many the app got. The path is a pattern, as in {@link Rule}. */
  count(method: string, path: string, options?: { forwarded?: boolean }): number;
  /** Refuses connections and breaks off those that are open; for so many milliseconds, or until `accept`. */
  refuse(milliseconds?: number): Promise<void>;
  /** Takes connections again, at the same address. */
  accept(): Promise<void>;
  /** Breaks everything off, and frees the address. */
  close(): Promise<void>;
}

/**
 * Stands between a client and any Gradio app over HTTP/1.1, on 127.0.0.1, and does to single requests what networks, proxies and
 * dying servers do. Without a rule it changes nothing. Node only.
 *
 * @param app - address of the app.
 *
 * @example
 * await using proxy = await faultProxy(app.url);
 * const client = await Client.connect(proxy.url);
 * proxy.add({ path: "/queue/data", fault: { breaks: { at: { event: "process_generating" }, how: "reset" } } });
 * await client.predict("/write", ["rain"]); // ConnectionError, accepted: true
 */
export async function faultProxy(app: string | URL): Promise<FaultProxy> {
  // Only here: the rest of the package runs in browsers too.
  const [net, http, zlib] = await Promise.all([import("node:net"), import("node:http"), import("node:zlib")]);
  const platform = { http, zlib };
  const house = { upstream: new URL(app), rules: new Rules(), requests: [] as PassedRequest[], platform };
  const sockets = new Set<Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    void serve(socket, house);
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
    requests: house.requests,
    get openConnections() {
      return sockets.size;
    },
    add: (...rules) => house.rules.add(rules),
    clear: () => house.rules.clear(),
    count: (method, path, { forwarded = false } = {}) =>
      house.requests.filter((one) => fits({ method, path }, one.method, one.path) && (one.forwarded || !forwarded))
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

interface House {
  upstream: URL;
  rules: Rules;
  requests: PassedRequest[];
  platform: Platform;
}

/** Serves one connection, request by request. */
async function serve(socket: Socket, { upstream, rules, requests, platform }: House): Promise<void> {
  const reader = new RequestReader(socket);
  for (let open = true; open;) {
    const request = await reader.head();
    if (request === null) return void socket.end();
    const { method, target, headers } = request;
    const path = target.split("?", 1)[0] ?? "/";
    const fault = rules.strike(method, path);
    const passed = { method, path, headers, forwarded: false, struck: fault !== undefined };
    requests.push(passed);
    const onForward = (): void => void (passed.forwarded = true);
    open = await exchange({ ...platform, socket, reader, request, fault: fault ?? {}, upstream, onForward });
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
