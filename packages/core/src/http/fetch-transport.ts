import type { Transport } from "../transport.ts";

/**
 * A {@link Transport} over any function that behaves like `fetch`: a platform's own, or one that a caller brings for
 * tests, proxies or instrumentation.
 *
 * Uploads go through it as a form. How much of a form has left, `fetch` does not tell: progress is told at the end.
 */
export function fetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
  return {
    fetch: (request) => fetch(request),
    async upload({ url, headers, field, files, signal }, onProgress) {
      const form = new FormData();
      for (const file of files) form.append(field, file.blob, file.name);
      const response = await fetch(new Request(url, { method: "POST", headers, body: form, signal }));
      onProgress(files.reduce((sum, file) => sum + file.blob.size, 0));
      return response;
    },
  };
}
