import { type Upload, uploadForm } from "@gradio-rx/core";

/** Sends files as a form, and tells how much of it has left. */
export async function sendForm(
  { url, headers, field, files, signal }: Upload,
  onProgress: (sent: number) => void,
  withCredentials: boolean,
): Promise<Response> {
  // A browser sends no stream over HTTP/1.1.
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
    // What leaves is the form: it is larger than its files.
    request.upload.onprogress = ({ loaded }) => onProgress(Math.min(loaded, size));
    request.onload = () => {
      const body = request.response as ArrayBuffer;
      resolve(new Response(body, { status: request.status, headers: responseHeaders(request) }));
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
