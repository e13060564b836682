import { type FetchOptions, fetchTransport, socketTransport, type Transport } from "@gradio-rx/core";

/**
 * Node's transport: its own `fetch`; uploads with flat memory; and for courtesies a request that keeps no program alive. What
 * takes `node:http` is loaded when it is needed.
 */
export function nodeTransport(): Transport {
  const plain = fetchTransport((request) => fetch(request));
  return {
    fetch: async (request: Request, options?: FetchOptions) =>
      options?.background ? await (await import("./background.ts")).background(request) : await plain.fetch(request),
    upload: async (upload, onProgress) => await (await import("./upload.ts")).sendForm(upload, onProgress),
    ...socketTransport(openSocket),
  };
}

/** Node's own WebSocket takes headers, which the standard does not know. */
function openSocket(url: URL, headers: Headers): WebSocket {
  const Socket = WebSocket as unknown as new (url: URL, init: { headers: Record<string, string> }) => WebSocket;
  return new Socket(url, { headers: Object.fromEntries(headers) });
}
