import type { EarlyRequests } from "./early.ts";
import { fetchTransport, socketTransport, type Transport, type TransportRequest } from "@gradio-rx/core/platform";

/** Options of {@link webTransport}. */
export interface WebTransportOptions {
  /** Whether cookies and HTTP logins are sent; see `RequestInit.credentials`. Default `"same-origin"`. */
  credentials?: RequestCredentials | undefined;
  /** Requests that were sent before; the first request to such an address takes its answer. Default none. */
  early?: EarlyRequests | null | undefined;
}

/** Creates the transport of browsers: `fetch`, and XMLHttpRequest for uploads, whose progress `fetch` does not report. */
export function webTransport({ credentials, early }: WebTransportOptions = {}): Transport {
  const init = credentials === undefined ? undefined : { credentials };
  const send = async (request: Request): Promise<Response> => {
    const answer = request.method === "GET" ? early?.get(request.url) : undefined;
    if (!answer) return await fetch(request, init);
    early!.delete(request.url);
    return await answer;
  };
  const fetching = fetchTransport(send);
  return {
    ...fetching,
    send: async (request) => {
      if (!needsTurn(request)) return await fetching.send(request);
      return await (await import("./long-connections.ts")).sendInTurn(fetching, request);
    },
    // Pages cannot set the headers of a WebSocket.
    ...socketTransport((url) => new WebSocket(url)),
    upload: async (upload, onProgress) =>
      await (await import("./upload.ts")).sendForm(upload, onProgress, credentials === "include"),
  };
}

/** Whether the request opens a long connection to a host where each request needs a connection of its own. */
function needsTurn({ url, headers }: TransportRequest): boolean {
  if (headers["accept"] !== "text/event-stream") return false;
  const { protocol, origin } = new URL(url);
  // Browsers speak newer versions over TLS alone. Of another origin they may not tell the version.
  if (protocol === "http:") return true;
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return entries.some(({ name, nextHopProtocol }) => name.startsWith(origin) && nextHopProtocol.startsWith("http/1"));
}
