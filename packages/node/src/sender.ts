import type { HeaderFields, TransportRequest, TransportResponse } from "@gradio-rx/core";
import { Agent, type ClientRequest, globalAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as SecureAgent, globalAgent as secureGlobalAgent, request as httpsRequest } from "node:https";
import { answerOf } from "./answer.ts";

/** How long an idle connection is kept, in milliseconds: less than servers keep theirs, as what they close must not be used. */
const KEPT = 4_000;

/** What every request says of itself, unless it says otherwise. */
const common: HeaderFields = { accept: "*/*", "accept-encoding": "gzip, deflate, br", "user-agent": "gradio-rx" };

/** Sends requests by `node:http`, over connections that are kept for a while. An idle one keeps no program alive. */
export class Sender {
  readonly #agent = new Agent(settingsOf(globalAgent));
  readonly #secureAgent = new SecureAgent(settingsOf(secureGlobalAgent));

  /** Sends a request; resolves when the head of its answer has come. */
  async send({ url, headers, body, signal, background = false }: TransportRequest): Promise<TransportResponse> {
    const request = this.open(new URL(url), { method: body === undefined ? "GET" : "POST", headers, signal });
    if (background) request.once("socket", (socket) => socket.unref());
    const answer = answered(request, url);
    request.end(body);
    return await answer;
  }

  /** A request whose body is still to be written. */
  open(
    url: URL,
    { method, headers, signal }: { method: string; headers: HeaderFields; signal: AbortSignal },
  ): ClientRequest {
    signal.throwIfAborted();
    const options = { method, headers: { ...common, ...headers } };
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, { ...options, agent: this.#secureAgent })
        : httpRequest(url, { ...options, agent: this.#agent });
    const abort = (): void => void request.destroy(new Error("The request was aborted."));
    signal.addEventListener("abort", abort, { once: true });
    request.once("close", () => signal.removeEventListener("abort", abort));
    return request;
  }

  /** Ends all connections. */
  close(): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }
}

/** Whether to heed the proxies that the environment names is Node's affair: its own agents know. */
function settingsOf(agent: Agent): { keepAlive: boolean; timeout: number; proxyEnv?: object | undefined } {
  const { options } = agent as Agent & { options?: { proxyEnv?: object } };
  return { keepAlive: true, timeout: KEPT, proxyEnv: options?.proxyEnv };
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
