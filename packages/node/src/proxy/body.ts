import { Refusal } from "./refusal.ts";

/** Maximum number of bytes that are read beyond a limit, so that a browser that is still sending receives the response. */
const DRAIN = 1_073_741_824;

/** Creates the refusal of a body that is too large. */
function tooLarge(limit: number): Refusal {
  return new Refusal(413, `The body has more than ${limit} bytes.`);
}

/** Rejects a body whose declared length is over the limit, after reading it to its end. */
export async function checkLength(request: Request, limit: number): Promise<void> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared <= limit) return;
  await drain(request.body?.getReader());
  throw tooLarge(limit);
}

/** Reads a JSON body. Numbers that JavaScript cannot represent keep their digits. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.byteLength;
    if (size > limit) {
      await drain(reader);
      throw tooLarge(limit);
    }
    chunks.push(read.value);
  }
  try {
    return parseExactly(await new Blob(chunks as BlobPart[]).text());
  } catch {
    throw new Refusal(400, "The body is not JSON.");
  }
}

/** `JSON.rawJSON`, which keeps the digits of a number. The types of the compiled language version do not have it. */
const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown };

function parseExactly(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && source !== String(value) && rawJSON
      ? rawJSON(source)
      : value;
  };
  return JSON.parse(text, keep);
}

/** Returns a body whose bytes are counted. Over the limit, `onExceeded` is called with the refusal after the rest was read. */
export function counted(
  body: ReadableStream<Uint8Array>,
  limit: number,
  onExceeded: (refusal: Refusal) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      size += value.byteLength;
      if (size <= limit) return controller.enqueue(value);
      await drain(reader);
      onExceeded(tooLarge(limit));
      controller.error(tooLarge(limit));
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  let size = 0;
  try {
    for (let read = await reader?.read(); read && !read.done && size < DRAIN; read = await reader?.read())
      size += read.value.byteLength;
    await reader?.cancel();
  } catch {
    // The browser has disconnected.
  }
}
