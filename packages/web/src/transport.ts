import { fetchTransport, socketTransport, type Transport } from "@gradio-rx/core";

/** Options of {@link webTransport}. */
export interface WebTransportOptions {
  /** Whether cookies and HTTP logins are sent; see `RequestInit.credentials`. Default `"same-origin"`. */
  credentials?: RequestCredentials | undefined;
}

/** Creates the transport of browsers: `fetch`, and XMLHttpRequest for uploads, whose progress `fetch` does not report. */
export function webTransport({ credentials }: WebTransportOptions = {}): Transport {
  const init = credentials === undefined ? undefined : { credentials };
  return {
    ...fetchTransport((request) => fetch(request, init)),
    // Pages cannot set the headers of a WebSocket.
    ...socketTransport((url) => new WebSocket(url)),
    upload: async (upload, onProgress) =>
      await (await import("./upload.ts")).sendForm(upload, onProgress, credentials === "include"),
  };
}
