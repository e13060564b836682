import { type FetchOptions, fetchTransport, type Transport } from "@gradio-rx/core";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";

/** Node's transport: its own `fetch`, and for courtesies a request that keeps no program alive. */
export function nodeTransport(): Transport {
  const transport = fetchTransport((request) => fetch(request));
  return {
    ...transport,
    fetch: (request: Request, options?: FetchOptions) =>
      options?.background ? background(request) : transport.fetch(request),
  };
}

/** A GET whose socket does not keep the program alive; Node's `fetch` knows no such thing. */
function background(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const outgoing = send(url, { headers: Object.fromEntries(request.headers), signal, agent: false }, (incoming) => {
      const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
      const headers = new Headers();
      for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
      resolve(new Response(body, { status: incoming.statusCode ?? 500, headers }));
    });
    outgoing.on("socket", (socket) => socket.unref());
    outgoing.on("error", reject);
    outgoing.end();
  });
}
