import type { HeaderFields, TransportRequest, TransportResponse } from "@gradio-rx/core";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { answerOf } from "./answer.ts";

/** How long an idle connection is kept, in milliseconds: less than servers keep theirs, as what they close must not be used. */
const KEPT = 4_000;

/** What every request says of itself, unless it says otherwise. */
const common: HeaderFields = { accept: "*/*", "accept-encoding": "gzip, deflate, br", "user-agent": "gradio-rx" };

/** What sends requests of one kind, `http:` or `https:`. */
interface Way {
  request: typeof import("node:http").request;
  agent: Agent;
}

/** A request before its body. */
interface Head {
  method: string;
  headers: HeaderFields;
  signal: AbortSignal;
}

/** Sends requests by `node:http`, over connections that are kept for a while. An idle one keeps no program alive. */
export class Sender {
  #plain: Promise<Way> | undefined;
  #secure: Promise<Way> | undefined;
  #closed = false;

  /** Sends a request; resolves when the head of its answer has come. */
  async send({ url, headers, body, signal, background = false }: TransportRequest): Promise<TransportResponse> {
    const request = await this.open(new URL(url), { method: body === undefined ? "GET" : "POST", headers, signal });
    if (background) request.once("socket", (socket) => socket.unref());
    const answer = answered(request, url);
    request.end(body);
    return await answer;
  }

  /** A request whose body is still to be written. */
  async open(url: URL, { method, headers, signal }: Head): Promise<ClientRequest> {
    const { request: make, agent } = await this.#way(url.protocol);
    signal.throwIfAborted();
    const request = make(url, { method, headers: { ...common, ...headers }, agent });
    const abort = (): void => void request.destroy(new Error("The request was aborted."));
    signal.addEventListener("abort", abort, { once: true });
    request.once("close", () => signal.removeEventListener("abort", abort));
    return request;
  }

  /** Ends all connections. */
  close(): void {
    this.#closed = true;
    for (const way of [this.#plain, this.#secure]) void way?.then(({ agent }) => agent.destroy());
  }

  #way(protocol: string): Promise<Way> {
    if (protocol === "https:") return (this.#secure ??= this.#load("node:https"));
    return (this.#plain ??= this.#load("node:http"));
  }

  async #load(name: "node:http" | "node:https"): Promise<Way> {
    const { Agent: Made, globalAgent, request } = await builtin(name);
    // Whether to heed the proxies that the environment names is Node's affair: its own agents know.
    const { options } = globalAgent as Agent & { options?: { proxyEnv?: object } };
    const agent = new Made({ keepAlive: true, timeout: KEPT, proxyEnv: options?.proxyEnv } as object);
    if (this.#closed) agent.destroy();
    return { request, agent };
  }
}

/**
 * A module of Node's own. Imported, it would load what it hands on of the web, `fetch` and all, which takes several times as long as
 * the module itself; but before 22.3 there is no other way.
 */
async function builtin(
  name: "node:http" | "node:https",
): Promise<Pick<typeof import("node:http"), "Agent" | "globalAgent" | "request">> {
  if ("getBuiltinModule" in process) return process.getBuiltinModule(name);
  return name === "node:http" ? await import("node:http") : await import("node:https");
}

/** What a request is answered with. */
export function answered(request: ClientRequest, url: string): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    // Whatever closes it says why before; but a change of protocol that nobody asked for closes it without a word.
    const closed = (): void => reject(new Error("The connection was closed without an answer."));
    request.once("response", (incoming: IncomingMessage) => {
      request.off("close", closed);
      answerOf(incoming, url).then(resolve, reject);
    });
    request.on("error", reject);
    request.once("close", closed);
  });
}
