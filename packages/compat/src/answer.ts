import type { RawApp } from "@gradio-rx/core/raw";

type Answer = Awaited<ReturnType<RawApp["fetch"]>>;

/** Statuses of answers that must not have a body. */
const empty = [101, 103, 204, 205, 304];

/** Returns an answer of the SDK's transport as a Response. Its body is read as it arrives. */
function toResponse(answer: Answer): Response {
  const { status, headers, body } = answer;
  if (answer instanceof Response) return answer;
  const kept = ["content-type", "content-length", "content-disposition", "etag", "last-modified", "retry-after"];
  const own = kept.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const cookies = (headers.getSetCookie?.() ?? []).map((value): [string, string] => ["set-cookie", value]);
  return new Response(body && !empty.includes(status) ? streamOf(body) : null, {
    status,
    headers: [...own, ...cookies],
  });
}

function streamOf(body: NonNullable<Answer["body"]>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (value) controller.enqueue(value);
      if (done) controller.close();
    },
    cancel: () => reader.cancel(),
  });
}

/**
 * Sends a request as `fetch` does: GET, or POST with any body. The body is read before it is sent.
 *
 * @throws TypeError for another method.
 */
export async function send(app: RawApp, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input, app.url);
  const method = (init.method ?? request?.method ?? "GET").toUpperCase();
  const headers = new Headers(init.headers ?? request?.headers);
  if (method !== "GET" && method !== "POST")
    throw new TypeError(`fetch of the client sends GET and POST, not ${method}.`);
  const signal = init.signal ?? request?.signal;
  const body = method === "POST" ? await bytesOf(init.body ?? request?.body ?? "", headers) : undefined;
  return toResponse(await app.fetch(url, { headers, body, ...(signal ? { signal } : {}) }));
}

/** Reads a body. The headers receive its type, with the boundary of a form, where they have none. */
async function bytesOf(body: BodyInit, headers: Headers): Promise<string | ArrayBuffer> {
  if (typeof body === "string") return body;
  const read = new Response(body);
  const type = read.headers.get("content-type");
  if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
  return await read.arrayBuffer();
}
