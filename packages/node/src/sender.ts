import type { HeaderFields, TransportRequest, TransportResponse } from "@gradio-rx/core";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
// A test's own clock takes the global one's place, and stands still.
import { setImmediate } from "node:timers";
import { answerOf } from "./answer.ts";

/** How long an idle connection is kept, in milliseconds: less than servers keep theirs, as what they close must not be used. */
const KEPT = 4_000;

/**
 * After how many milliseconds without a byte a connection is asked whether the other side is still there. Node would ask after one
 * second, and give it up ten later: a stream of events outlives a longer break of the network.
 */
const ASKED = 60_000;

/** How long a connection may take to come about, in milliseconds. The system would wait for minutes. */
const CONNECTING = 10_000;

/** What every request says of itself, unless it says otherwise. */
const common: HeaderFields = { accept: "*/*", "accept-encoding": "gzip, br", "user-agent": "gradio-rx" };

/** What sends requests of one kind, `http:` or `https:`. */
interface Way extends Pick<typeof import("node:http"), "request"> {
  agent: Agent;
}

/** A request before its body. */
interface Head {
  method: string;
  headers: HeaderFields;
  /** The bytes of the body, where they are known before it is written. */
  length?: number | undefined;
  signal: AbortSignal;
}

/** A request whose body is still to be written, and what it is answered with. */
export interface Exchange {
  request: ClientRequest;
  answer: Promise<TransportResponse>;
}

/** Sends requests by `node:http`, over connections that are kept for a while. An idle one keeps no program alive. */
export class Sender {
  #plain: Way | undefined;
  #secure: Way | undefined;

  /** Sends a request; resolves when the head of its answer has come. */
  async send({ url, headers, body, signal, background = false }: TransportRequest): Promise<TransportResponse> {
    const method = body === undefined ? "GET" : "POST";
    const length = body === undefined ? undefined : Buffer.byteLength(body);
    const { request, answer } = await this.open(new URL(url), { method, headers, length, signal });
    if (background) request.once("socket", (socket) => socket.unref());
    // The headers by themselves: in one with a text Node would write them as UTF-8, too, and copy a long one.
    if (body) request.write("", "latin1");
    request.end(body);
    return await answer;
  }

  /** Begins a request. */
  async open(url: URL, { method, headers, length, signal }: Head): Promise<Exchange> {
    // Node would make a header of them.
    if (url.username !== "" || url.password !== "") throw new TypeError("The address holds a user or a password.");
    const { request: make, agent } = this.#way(url.protocol);
    if (isKept(agent)) await freshNews();
    signal.throwIfAborted();
    // Where a body ends is for the sender to say: what a caller says would make the next request of the rest.
    const { "content-length": _, "transfer-encoding": __, ...own } = headers;
    const framing = length === undefined ? {} : { "content-length": String(length) };
    const request = make(url, { method, headers: { ...common, ...own, ...framing }, agent });
    watchConnecting(request, url.protocol === "https:" ? "secureConnect" : "connect");
    return { request, answer: answered(request, url, signal) };
  }

  /** Ends all connections. */
  close(): void {
    this.#plain?.agent.destroy();
    this.#secure?.agent.destroy();
  }

  #way(protocol: string): Way {
    return protocol === "https:" ? (this.#secure ??= way("node:https")) : (this.#plain ??= way("node:http"));
  }
}

function way(name: "node:http" | "node:https"): Way {
  // Imported, the module would load what it hands on of the web, `fetch` and all: several times as slow as the module itself.
  const {
    Agent: MadeAgent,
    globalAgent,
    request,
  }: Pick<typeof import("node:http"), "Agent" | "globalAgent" | "request"> = process.getBuiltinModule(name);
  // Whether to heed the proxies that the environment names is Node's affair: its own agents know.
  const { options } = globalAgent as Agent & { options?: { proxyEnv?: object } };
  return {
    request,
    agent: new MadeAgent({
      keepAlive: true,
      keepAliveMsecs: ASKED,
      timeout: KEPT,
      proxyEnv: options?.proxyEnv,
    } as object),
  };
}

function isKept({ freeSockets }: Agent): boolean {
  for (const _ in freeSockets) return true;
  return false;
}

/**
 * Lets the event loop look at its sockets. After a long computation a kept one may have been closed long since, and nobody has seen
 * it: what is sent over it is lost. The first turn may end before the next look.
 */
async function freshNews(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Gives up a connection that does not come about, and has errors say so of whatever fails before it has. */
function watchConnecting(request: ClientRequest, connected: "connect" | "secureConnect"): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const message = `No connection came about in ${CONNECTING / 1000} seconds.`;
    const expire = (): void => void request.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
    const timer = setTimeout(expire, CONNECTING).unref();
    // Whatever fails before has sent nothing; what fails in the same words later may have.
    const early = (error: Error): void => void Object.assign(error, { syscall: "connect" });
    request.on("error", early);
    const stop = (): void => {
      clearTimeout(timer);
      request.off("error", early);
    };
    socket.once(connected, stop);
    request.once("close", stop);
  });
}

/** What a request is answered with; the signal ends both. */
function answered(request: ClientRequest, url: URL, signal: AbortSignal): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    let body: IncomingMessage | undefined;
    const abort = (): void => {
      const error = new Error("The request was aborted.");
      reject(error);
      // Without the error: where all of an answer has come, its socket is idle again before it tells, and nobody listens.
      request.destroy();
      body?.destroy(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    // Whatever closes it says why before; but a change of protocol that nobody asked for closes it without a word.
    const closed = (): void => reject(new Error("The connection was closed without an answer."));
    request.once("response", (incoming: IncomingMessage) => {
      request.off("close", closed);
      body = incoming;
      // An app that failed is often cut off by its server just after the answer: what went over that connection next would be lost.
      if (incoming.statusCode! >= 500) request.shouldKeepAlive = false;
      // Who answers before all has come might never read the rest.
      incoming.once("end", () => request.writableFinished || request.destroy());
      answerOf(incoming, url.href).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error);
      });
    });
    request.on("error", (error) => {
      // What the server sent, which may repeat a secret.
      Reflect.deleteProperty(error, "rawPacket");
      if (!body) reject(error);
      // A body that does not tell its length would seem to end with whatever breaks the connection. What comes after its end is
      // not its own.
      else if (!body.complete) body.destroy(error);
    });
    request.once("close", closed);
    request.once("close", () => signal.removeEventListener("abort", abort));
  });
}
