import type { Transport, UploadFile } from "../transport.ts";

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
      const { form, size } = await uploadForm(field, files);
      // A redirect would take the files along, and every header but two.
      const init = { method: "POST", headers, body: form, signal, redirect: "manual" } as const;
      const response = await fetch(new Request(url, init));
      onProgress(size);
      return response;
    },
  };
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
