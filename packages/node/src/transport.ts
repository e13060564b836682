import {
  type HeaderFields,
  socketTransport,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "@gradio-rx/core/platform";
import type { Agent, AgentOptions, ClientRequest, IncomingMessage } from "node:http";
// Node's own function: the global one may be the fake clock of a test, or missing as in jsdom.
import { setImmediate } from "node:timers";
import { answerOf } from "./answer.ts";
import { sendForm } from "./upload.ts";

/** Time in which `node:http` is loaded and the first connection is started, in milliseconds. */
const HEAD_START = 20;

/** Time for which an idle connection is kept, in milliseconds. Servers keep theirs longer, so that they do not close it first. */
const IDLE_TIMEOUT = 4_000;

/**
 * Delay of TCP keep-alive, in milliseconds without a byte. With Node's default of one second, a connection would be closed
 * eleven seconds after the network failed; an event stream survives longer failures.
 */
const PROBE_AFTER = 60_000;

/** Time limit for establishing a connection, in milliseconds. The system's own limit is minutes. */
const CONNECT_TIMEOUT = 10_000;

/** Headers of every request that does not set them itself. */
const defaultHeaders: HeaderFields = { accept: "*/*", "accept-encoding": "gzip, br", "user-agent": "gradio-rx" };

/** `node:http` or `node:https`. */
type HttpModule = Pick<typeof import("node:http"), "Agent" | "globalAgent" | "request">;

/** Module and agent for the requests of one protocol. */
interface Channel {
  module: HttpModule;
  agent: Agent;
  /** Whether the agent was created here, so that it is destroyed with the sender. */
  isOwn: boolean;
}

/** Request without its body. */
interface RequestHead {
  method: string;
  headers: HeaderFields;
  /** Number of bytes of the body, where it is known in advance. */
  length?: number | undefined;
  signal: AbortSignal;
}

/** A request whose body is still to be written, and its answer. */
export interface PendingRequest {
  request: ClientRequest;
  answer: Promise<TransportResponse>;
}

/** Options of {@link nodeTransport}. */
export interface NodeTransportOptions {
  /** Agent for the protocols that it supports. Default: the settings of Node's global agents. */
  agent?: Agent | undefined;
}

/**
 * Creates the transport of Node. It uses `node:http`, which takes a third of the processor time of Node's `fetch`, and sends
 * files with flat memory. `node:http` is loaded with the first request.
 */
export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  const sender = new Sender(options);
  return {
    reportsProgress: true,
    headStart: HEAD_START,
    send: (request) => sender.send(request),
    upload: (upload, onProgress) => sendForm(sender, upload, onProgress),
    ...socketTransport(openSocket),
    close: () => sender.close(),
  };
}

/** Opens a WebSocket. Node's own accepts headers, which the standard does not have. */
function openSocket(url: URL, headers: HeaderFields): WebSocket {
  const Socket = WebSocket as unknown as new (url: URL, init: { headers: HeaderFields }) => WebSocket;
  return new Socket(url, { headers });
}

/** Sends requests with `node:http`. Connections are kept for a while; an idle one does not keep a program alive. */
export class Sender {
  readonly #agent: Agent | undefined;
  readonly #channels = new Map<string, Channel>();

  constructor({ agent }: NodeTransportOptions = {}) {
    this.#agent = agent;
  }

  /** Sends a request. Resolves when the head of its answer has arrived. */
  async send({ url, headers, body, signal, background = false }: TransportRequest): Promise<TransportResponse> {
    const method = body === undefined ? "GET" : "POST";
    const length = body === undefined ? undefined : Buffer.byteLength(body);
    const { request, answer } = await this.open(new URL(url), { method, headers, length, signal });
    if (background) request.once("socket", (socket) => socket.unref());
    // Writes the headers by themselves. Together with a text, Node would encode them as UTF-8, and copy a long text.
    if (body) request.write("", "latin1");
    request.end(body instanceof ArrayBuffer ? new Uint8Array(body) : body);
    return await answer;
  }

  /** Starts a request. */
  async open(url: URL, { method, headers, length, signal }: RequestHead): Promise<PendingRequest> {
    // Node would convert them to a header.
    if (url.username !== "" || url.password !== "") throw new TypeError("The URL contains a user name or a password.");
    const { module, agent } = this.#channel(url.protocol);
    if (hasIdleSocket(agent)) await pollSockets();
    signal.throwIfAborted();
    // The length is that of the body that is sent. With another one, the rest of the body would be read as the next request.
    const { "content-length": _, "transfer-encoding": __, ...own } = headers;
    const framing = length === undefined ? {} : { "content-length": String(length) };
    // Looked up each time: tools that intercept requests replace the function.
    const request = module.request(url, { method, headers: { ...defaultHeaders, ...own, ...framing }, agent });
    watchConnecting(request, url.protocol === "https:" ? "secureConnect" : "connect");
    return { request, answer: answered(request, url, signal) };
  }

  /** Closes the connections of the sender's own agents. */
  close(): void {
    for (const { agent, isOwn } of this.#channels.values()) if (isOwn) agent.destroy();
  }

  #channel(protocol: string): Channel {
    let channel = this.#channels.get(protocol);
    if (!channel) this.#channels.set(protocol, (channel = channelFor(protocol, this.#agent)));
    return channel;
  }
}

/**
 * Chooses the agent for a protocol: the given one, a custom global agent, or an own one with the settings of Node's global
 * agent. Those include certificates, name resolution, and the proxies of the environment where Node honours them.
 */
function channelFor(protocol: string, given: Agent | undefined): Channel {
  const module = protocol === "https:" ? load("node:https") : load("node:http");
  const { globalAgent }: { globalAgent: Agent & { options?: AgentOptions } } = module;
  if (given && supports(given, protocol)) return { module, agent: given, isOwn: false };
  if (isCustom(globalAgent, module)) return { module, agent: globalAgent, isOwn: false };
  const own = { keepAlive: true, keepAliveMsecs: PROBE_AFTER, timeout: IDLE_TIMEOUT };
  return { module, agent: new module.Agent({ ...globalAgent.options, ...own }), isOwn: true };
}

/** Loads a module of Node. An `import` would also load what the module re-exports of the web, `fetch` included. */
function load(name: "node:http" | "node:https"): HttpModule {
  return process.getBuiltinModule(name);
}

/** Whether an agent can be used for a protocol. Agents of subclasses, such as those of proxies, decide by themselves. */
function supports(agent: Agent, protocol: string): boolean {
  if (protocol === "http:") return !(agent instanceof load("node:https").Agent);
  return Object.getPrototypeOf(agent) !== load("node:http").Agent.prototype;
}

/** Whether a program has replaced a global agent by one whose behaviour is not in its settings. */
function isCustom(agent: Agent, { Agent: Standard }: HttpModule): boolean {
  return Object.getPrototypeOf(agent) !== Standard.prototype || Object.hasOwn(agent, "createConnection");
}

function hasIdleSocket({ freeSockets }: Agent): boolean {
  for (const _ in freeSockets) return true;
  return false;
}

/**
 * Lets the event loop read its sockets. A kept connection may have been closed during a long computation, and what is sent over
 * it would be lost. Two turns, because the current one may already have read them.
 */
async function pollSockets(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Enables TCP keep-alive, applies the time limit for connecting, and marks errors that occur before a connection exists. */
function watchConnecting(request: ClientRequest, connected: "connect" | "secureConnect"): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    socket.setKeepAlive(true, PROBE_AFTER);
    const message = `Could not connect within ${CONNECT_TIMEOUT / 1000} s.`;
    const expire = (): void => void request.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
    const timer = setTimeout(expire, CONNECT_TIMEOUT);
    // A number in Electron's renderer and in jsdom, whose timers are those of a page.
    if (typeof timer === "object") timer.unref();
    // A failure before this point has sent nothing. The same error later may have.
    const mark = (error: Error): void => void Object.assign(error, { syscall: "connect" });
    request.on("error", mark);
    const stop = (): void => {
      clearTimeout(timer);
      request.off("error", mark);
    };
    socket.once(connected, stop);
    request.once("close", stop);
  });
}

/** Resolves with the answer of a request. The signal ends both. */
function answered(request: ClientRequest, url: URL, signal: AbortSignal): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    let body: IncomingMessage | undefined;
    const abort = (): void => {
      const error = new Error("The request was aborted.");
      reject(error);
      // Without the error: after a complete answer, the socket would emit it when it is idle and nothing handles it.
      request.destroy();
      body?.destroy(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    // An error comes before the close event, except after an upgrade that was not requested.
    const closed = (): void => reject(new Error("The connection was closed without an answer."));
    request.once("response", (incoming: IncomingMessage) => {
      request.off("close", closed);
      body = incoming;
      // After an error, some servers close the connection just after the answer. The next request over it would be lost.
      if (incoming.statusCode! >= 500) request.shouldKeepAlive = false;
      // A server that answers before it has read the whole body may never read the rest.
      incoming.once("end", () => request.writableFinished || request.destroy());
      answerOf(incoming, url.href).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error);
      });
    });
    request.on("error", (error) => {
      // The bytes that the server sent, which may repeat a secret.
      Reflect.deleteProperty(error, "rawPacket");
      if (!body) reject(error);
      // Without it, a body of unknown length would seem complete when its connection breaks. Errors after its end are not its own.
      else if (!body.complete) body.destroy(error);
    });
    request.once("close", closed);
    request.once("close", () => signal.removeEventListener("abort", abort));
  });
}
