import { type FetchOptions, socketTransport, type Transport } from "@gradio-rx/core";

/**
 * Node's transport: its own `fetch`; uploads with flat memory; and for courtesies a request that keeps no program alive. What
 * takes `node:http` is loaded when it is needed.
 */
export function nodeTransport(): Transport {
  return {
    fetch: async (request: Request, options: FetchOptions = {}) =>
      options.background ? await (await import("./background.ts")).background(request) : await send(request, options),
    upload: async (upload, onProgress) => await (await import("./upload.ts")).sendForm(upload, onProgress),
    ...socketTransport(openSocket),
  };
}

/** Given a request that has a body, Node's `fetch` would make another one of it, and pipe the body from one to the other. */
function send(request: Request, { body }: FetchOptions): Promise<Response> {
  if (body === undefined) return fetch(request);
  const { url, method, headers, signal, redirect, keepalive } = request;
  return fetch(url, { method, headers, signal, redirect, keepalive, body });
}

/** Node's own WebSocket takes headers, which the standard does not know. */
function openSocket(url: URL, headers: Headers): WebSocket {
  const Socket = WebSocket as unknown as new (url: URL, init: { headers: Record<string, string> }) => WebSocket;
  return new Socket(url, { headers: Object.fromEntries(headers) });
}
