import type { HeaderFields, Transport, TransportRequest, UploadFile } from "../transport.ts";

// Transports from the interfaces of the web: `fetch` and `WebSocket`.

/**
 * The request of each body that is being read. In Node, the signal of a request follows the caller's signal only while the
 * request is referenced: after a garbage collection, an abort would no longer reach the body.
 */
const requestOf = new WeakMap<ReadableStream, Request>();

/**
 * Creates a {@link Transport} from a function with the signature of `fetch`: the platform's own, or one that a caller supplies
 * for tests, proxies or instrumentation.
 *
 * Files are uploaded as a form. `fetch` does not report how much of a form was sent, so progress is reported once, at the end.
 */
export function fetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
  const sendRequest = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    if (response.body) requestOf.set(response.body, request);
    return response;
  };
  return {
    reportsProgress: false,
    send: async (request) => await sendRequest(new Request(request.url, init(request))),
    async upload({ url, headers, field, files, signal }, onProgress) {
      const { form, size } = await uploadForm(field, files);
      // A redirect that is followed would send the files, and all headers but two, to its target.
      const response = await sendRequest(
        new Request(url, { method: "POST", headers, body: form, signal, redirect: "manual" }),
      );
      onProgress(size);
      return response;
    },
  };
}

function init({
  headers,
  body,
  signal,
  cookies,
  redirect = "manual",
  keepalive = false,
}: TransportRequest): RequestInit {
  const credentials = cookies === false ? { credentials: "omit" as const } : {};
  return {
    headers,
    signal,
    redirect,
    keepalive,
    ...credentials,
    ...(body === undefined ? {} : { method: "POST", body }),
  };
}

/** Creates a form of files, with their total size in bytes. A form cannot contain streams: they are read into Blobs. */
export async function uploadForm(
  field: string,
  files: readonly UploadFile[],
): Promise<{ form: FormData; size: number }> {
  const form = new FormData();
  let size = 0;
  for (const file of files) {
    const blob = "blob" in file ? await nativeBlob(file.blob) : await read(file);
    form.append(field, blob, file.name);
    size += blob.size;
  }
  return { form, size };
}

/** Returns a Blob that a form of the platform accepts: one of another library or realm is copied. */
async function nativeBlob(blob: Blob): Promise<Blob> {
  return Object(blob) instanceof Blob ? blob : new Blob([await blob.arrayBuffer()], { type: blob.type });
}

/** Reads a stream into a Blob. `new Response(stream).blob()` would replace the stream's own error. */
async function read({ stream, type }: Extract<UploadFile, { stream: unknown }>): Promise<Blob> {
  const parts: BlobPart[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts, { type });
    parts.push(value.slice());
  }
}

/**
 * Creates the part of a transport that opens WebSockets.
 *
 * @param create - creates a platform's socket: `(url) => new WebSocket(url)`.
 */
export function socketTransport(
  create: (url: URL, headers: HeaderFields) => WebSocket,
): Required<Pick<Transport, "openSocket">> {
  return {
    openSocket({ url, headers, signal, onMessage, onClose }) {
      const socket = create(url, headers);
      let reason: unknown;
      const close = (): void => socket.close();
      signal.addEventListener("abort", close, { once: true });
      socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (typeof data === "string") onMessage(data);
      });
      socket.addEventListener("error", (event) => {
        // Node reports the error, browsers do not.
        reason = "error" in event ? event.error : undefined;
      });
      socket.addEventListener("close", ({ code }) => {
        signal.removeEventListener("abort", close);
        onClose(code, reason);
      });
      return { send: (text) => socket.send(text) };
    },
  };
}
