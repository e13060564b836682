import type { Transport, TransportRequest, UploadFile } from "../transport.ts";

/**
 * The request behind each body that is being read. In Node a request's signal follows the one it was given only as long as
 * somebody holds the request: after a collection of garbage, aborting would not reach the body any more.
 */
const behind = new WeakMap<ReadableStream, Request>();

/**
 * A {@link Transport} over any function that behaves like `fetch`: a platform's own, or one that a caller brings for
 * tests, proxies or instrumentation. ky carries what asks REST services. What apps are asked for it does not: it copies bodies for
 * repeats that are decided elsewhere, and would be a fifth of what a page loads.
 *
 * Uploads go through it as a form. How much of a form has left, `fetch` does not tell: progress is told at the end.
 */
export function fetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
  const sendRequest = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    if (response.body) behind.set(response.body, request);
    return response;
  };
  return {
    send: async (request) => {
      const { url } = request;
      if (!request.rest) return await sendRequest(new Request(url, init(request)));
      return await (await import("./rest.ts")).sendByKy(url, init(request), sendRequest);
    },
    async upload({ url, headers, field, files, signal }, onProgress) {
      const { form, size } = await uploadForm(field, files);
      // A redirect would take the files along, and every header but two.
      const response = await sendRequest(
        new Request(url, { method: "POST", headers, body: form, signal, redirect: "manual" }),
      );
      onProgress(size);
      return response;
    },
  };
}

function init({ headers, body, signal, redirect = "manual", keepalive = false }: TransportRequest): RequestInit {
  return { headers, signal, redirect, keepalive, ...(body === undefined ? {} : { method: "POST", body }) };
}

/** Files as a form of the platform's, and how many bytes they have. A form takes no streams: they are read into Blobs first. */
export async function uploadForm(
  field: string,
  files: readonly UploadFile[],
): Promise<{ form: FormData; size: number }> {
  const form = new FormData();
  let size = 0;
  for (const file of files) {
    const blob = "blob" in file ? file.blob : await read(file);
    form.append(field, blob, file.name);
    size += blob.size;
  }
  return { form, size };
}

/** By hand, as a Response would lose what the stream fails with. */
async function read({ stream, type }: Extract<UploadFile, { stream: unknown }>): Promise<Blob> {
  const parts: BlobPart[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts, { type });
    parts.push(value.slice());
  }
}
