import { fetchTransport, socketTransport, type Transport } from "@gradio-rx/core";

/** What the web's transport does with cookies and logins; see `RequestInit.credentials`. */
export interface WebTransportOptions {
  /** Default: the platform's, `"same-origin"`. */
  credentials?: RequestCredentials | undefined;
}

/** The web's transport: its `fetch`, and XMLHttpRequest for uploads, whose progress `fetch` cannot tell. */
export function webTransport({ credentials }: WebTransportOptions = {}): Transport {
  const init = credentials === undefined ? undefined : { credentials };
  return {
    ...fetchTransport((request) => fetch(request, init)),
    // Pages cannot choose the headers of a socket.
    ...socketTransport((url) => new WebSocket(url)),
    upload: async (upload, onProgress) =>
      await (await import("./upload.ts")).sendForm(upload, onProgress, credentials === "include"),
  };
}
