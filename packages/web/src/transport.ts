import { fetchTransport, socketTransport, type Transport, type Upload } from "@gradio-rx/core";

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
    upload: (upload, onProgress) => send(upload, onProgress, credentials === "include"),
  };
}

function send(upload: Upload, onProgress: (sent: number) => void, withCredentials: boolean): Promise<Response> {
  const { url, headers, field, files, signal } = upload;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "arraybuffer";
    request.withCredentials = withCredentials;
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      const body = request.response as ArrayBuffer;
      resolve(new Response(body, { status: request.status, headers: responseHeaders(request) }));
    };
    request.onerror = () => reject(new TypeError("The upload failed."));
    request.onabort = () => reject(signal.reason);
    const form = new FormData();
    for (const file of files) form.append(field, file.blob, file.name);
    request.send(form);
  });
}

function responseHeaders(request: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
