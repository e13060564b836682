import { type TransportResponse, type Upload, uploadForm } from "@gradio-rx/core/platform";

/**
 * Sends an empty form with `fetch` to find out whether a URL redirects uploads. XMLHttpRequest follows redirects, and would send headers
 * and files to any target.
 *
 * @returns the redirect; `null` without one.
 */
export async function askForRedirect(
  { url, headers, signal }: Upload,
  fetch: (request: Request) => Promise<Response>,
): Promise<Response | null> {
  const body = new FormData();
  const response = await fetch(
    new Request(withoutId(url), { method: "POST", headers, body, signal, redirect: "manual" }),
  );
  if (response.type === "opaqueredirect") return response;
  await response.body?.cancel();
  return null;
}

/**
 * Returns the address of an upload without the id of the upload. For an app, the first request with an id is the upload, and its
 * progress ends with that request.
 */
export function withoutId(url: URL): URL {
  const asked = new URL(url);
  asked.searchParams.delete("upload_id");
  return asked;
}

/** Uploads files as a form, and reports how much of it was sent. */
export async function sendForm(
  { url, headers, field, files, signal }: Upload,
  onProgress: (sent: number) => void,
  withCredentials: boolean,
): Promise<TransportResponse> {
  // Browsers do not send streams over HTTP/1.1.
  const { form, size } = await uploadForm(field, files);
  return await new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "arraybuffer";
    request.withCredentials = withCredentials;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.onloadend = () => signal.removeEventListener("abort", abort);
    // The form is larger than its files.
    let sent = -1;
    request.upload.onprogress = ({ loaded }) => onProgress((sent = Math.min(loaded, size)));
    request.onload = () => {
      // Not every platform reports progress.
      if (sent < size) onProgress(size);
      const { status, responseURL, response } = request;
      if (new URL(responseURL).origin !== url.origin) return reject(new TypeError("The upload was redirected."));
      // A Response cannot have every status, nor every body with every status.
      const { body } = new Response(response as ArrayBuffer);
      resolve({ status, url: responseURL, headers: responseHeaders(request), body });
    };
    request.onerror = () => reject(new TypeError("The upload failed."));
    request.onabort = () => reject(signal.reason);
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
