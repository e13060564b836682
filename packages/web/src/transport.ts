import type { EarlyRequests } from "./early.ts";
import { fetchTransport, socketTransport, type Transport } from "@gradio-rx/core/platform";
import { sendForm } from "./upload.ts";

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
  return {
    ...fetchTransport(send),
    // Pages cannot set the headers of a WebSocket.
    ...socketTransport((url) => new WebSocket(url)),
    upload: async (upload, onProgress) => await sendForm(upload, onProgress, credentials === "include"),
  };
}
