import { type FetchOptions, fetchTransport, socketTransport, type Transport } from "@gradio-rx/core";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { answer } from "./response.ts";
import { sendForm } from "./upload.ts";

/** Node's transport: its own `fetch`; uploads with flat memory; and for courtesies a request that keeps no program alive. */
export function nodeTransport(): Transport {
  const plain = fetchTransport((request) => fetch(request));
  return {
    fetch: (request: Request, options?: FetchOptions) =>
      options?.background ? background(request) : plain.fetch(request),
    upload: sendForm,
    ...socketTransport(openSocket),
  };
}

/** Node's own WebSocket takes headers, which the standard does not know. */
function openSocket(url: URL, headers: Headers): WebSocket {
  const Socket = WebSocket as unknown as new (url: URL, init: { headers: Record<string, string> }) => WebSocket;
  return new Socket(url, { headers: Object.fromEntries(headers) });
}

/** A GET whose socket does not keep the program alive; Node's `fetch` knows no such thing. */
function background(request: Request): Promise<Response> {
  const { signal, headers } = request;
  const url = new URL(request.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { headers: Object.fromEntries(headers), signal, agent: false });
    outgoing.on("response", (incoming) => answer(incoming, resolve, reject));
    outgoing.on("socket", (socket) => socket.unref());
    outgoing.on("error", reject);
    outgoing.end();
  });
}
