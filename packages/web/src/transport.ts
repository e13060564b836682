import { explainFailure } from "./explain.ts";
import type { EarlyRequests } from "./early.ts";
import { fetchTransport, socketTransport, type Transport, type TransportRequest } from "@gradio-rx/core/platform";
import { askForRedirect, sendForm, withoutId } from "./upload.ts";
import { sendInTurn } from "./long-connections.ts";

/** Options of {@link webTransport}. */
export interface WebTransportOptions {
  /** Whether cookies and HTTP logins are sent; see `RequestInit.credentials`. Default `"same-origin"`. */
  credentials?: "include" | "omit" | "same-origin" | undefined;
  /** Requests that were sent before; the first request to such an address takes its answer. Default none. */
  early?: EarlyRequests | null | undefined;
}

/**
 * Creates the transport of browsers: `fetch`, and XMLHttpRequest for uploads, whose progress `fetch` does not report. Where there is no
 * XMLHttpRequest, as in service workers and edge runtimes, files are uploaded by `fetch`, and progress is reported once per file.
 */
export function webTransport({ credentials, early }: WebTransportOptions = {}): Transport {
  const mode = credentials === undefined ? undefined : { credentials };
  // Requests to other origins are made without cookies, whatever the mode.
  const fetchOwn = async (request: Request): Promise<Response> =>
    await fetch(request, request.credentials === "omit" ? undefined : mode);
  const send = async (request: Request): Promise<Response> => {
    const answer = request.method === "GET" ? early?.get(request.url) : undefined;
    if (answer) early!.delete(request.url);
    try {
      return await (answer ?? fetchOwn(request));
    } catch (error) {
      throw await explainFailure(error, request);
    }
  };
  const byFetch = fetchTransport(send);
  /** Addresses that did not redirect an upload. */
  const direct = new Set<string>();
  return {
    ...byFetch,
    send: async (request) => {
      if (!needsTurn(request)) return await byFetch.send(request);
      return await sendInTurn(byFetch, request);
    },
    reportsProgress: typeof XMLHttpRequest !== "undefined",
    // Pages cannot set the headers of a WebSocket.
    ...socketTransport((url) => new WebSocket(url)),
    async upload(upload, onProgress) {
      if (typeof XMLHttpRequest === "undefined") return await byFetch.upload(upload, onProgress);
      const { href } = withoutId(upload.url);
      const redirect = direct.has(href) ? null : await askForRedirect(upload, fetchOwn);
      if (redirect) return redirect;
      direct.add(href);
      return await sendForm(upload, onProgress, credentials === "include");
    },
  };
}

/** Whether the request opens a long connection to a host where each request needs a connection of its own. */
function needsTurn({ url, headers }: TransportRequest): boolean {
  if (headers["accept"] !== "text/event-stream") return false;
  const { protocol, origin } = new URL(url);
  // Browsers use newer versions of HTTP over TLS only. They may hide the version of another origin's connections.
  if (protocol === "http:") return true;
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return entries.some(({ name, nextHopProtocol }) => name.startsWith(origin) && nextHopProtocol.startsWith("http/1"));
}
