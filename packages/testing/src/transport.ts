import type { Transport, Upload } from "@gradio-rx/core/platform";

/** Responds to requests in memory. */
export type Fetch = (request: Request) => Promise<Response>;

/** Adds the handling of signals: aborting a request rejects it, or aborts the body of its response. */
export function memoryFetch(handle: Fetch): Fetch {
  return async (request) => {
    const { signal } = request;
    signal.throwIfAborted();
    const response = await Promise.race([handle(request), aborted(signal)]);
    if (signal.aborted) void response.body?.cancel();
    signal.throwIfAborted();
    if (response.body === null) return response;
    const head = { status: response.status, statusText: response.statusText, headers: response.headers };
    return new Response(abortable(response.body, signal), head);
  };
}

/** Creates a client's transport from such a function. */
export function memoryTransport(fetch: Fetch): Transport {
  return {
    async send({ url, headers, body, signal }) {
      return await fetch(
        new Request(url, { headers, signal, ...(body === undefined ? {} : { method: "POST", body }) }),
      );
    },
    async upload({ url, headers, field, files, signal }: Upload, onProgress) {
      const form = new FormData();
      let sent = 0;
      for (const file of files) {
        const blob = "blob" in file ? file.blob : await new Response(file.stream).blob();
        form.append(field, blob, file.name);
        sent += blob.size;
        onProgress(sent);
      }
      return fetch(new Request(url, { method: "POST", headers, body: form, signal }));
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** A stream of the same bytes that errors when the signal is aborted. */
function abortable(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let abort: () => void;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      abort = () => {
        controller.error(signal.reason);
        void reader.cancel(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        if (!signal.aborted) controller.error(error);
      }
      signal.removeEventListener("abort", abort);
    },
    cancel(reason) {
      signal.removeEventListener("abort", abort);
      return reader.cancel(reason);
    },
  });
}
