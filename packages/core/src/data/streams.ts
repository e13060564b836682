import { InputError } from "../errors.ts";
import type { FileStream } from "./files.ts";

/**
 * The bytes of a stream that a caller gave, which can be read once.
 *
 * @param check - told how many bytes there have been so far; throws where they are too many.
 * @param over - aborted when nobody wants the bytes any more: the caller's stream is let go, also while it is waited for.
 * @throws InputError for a stream that was read before, or that gives something other than bytes and text.
 */
export function streamBytes(
  stream: FileStream,
  check: (bytes: number) => void,
  over: AbortSignal,
): ReadableStream<Uint8Array> {
  const chunks = fresh(stream);
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stop = (): void => {
          controller.error(over.reason);
          letGo(stream, chunks).catch(() => undefined);
        };
        if (over.aborted) stop();
        else over.addEventListener("abort", stop, { once: true });
      },
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) return controller.close();
        const chunk = asBytes(value);
        bytes += chunk.length;
        check(bytes);
        if (chunk.length > 0) controller.enqueue(chunk);
        else await this.pull!(controller);
      },
    },
    { highWaterMark: 0 },
  );
}

function fresh(stream: FileStream): AsyncIterator<unknown> {
  if (stream instanceof ReadableStream) {
    try {
      // A Response refuses what was read before, and cannot be iterated on every platform.
      return readerOf(new Response(stream).body ?? stream);
    } catch (cause) {
      throw new InputError(READ, { cause });
    }
  }
  // Node's streams tell so; read again they would seem to be empty.
  if (["destroyed", "readableEnded", "readableDidRead"].some((key) => Reflect.get(stream, key) === true))
    throw new InputError(READ);
  // Whoever iterates is told of what fails, also before the first step; but a stream of Node's that fails while nobody listens
  // takes the program down.
  if ("on" in stream && typeof stream.on === "function") stream.on("error", () => undefined);
  return stream[Symbol.asyncIterator]();
}

const READ = "The stream has been read before: what is sent more than once must be a Blob.";

function readerOf(stream: ReadableStream<Uint8Array>): AsyncIterator<unknown> {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** Iterators of Node's streams would wait for the chunk that was asked for last. */
async function letGo(stream: FileStream, chunks: AsyncIterator<unknown>): Promise<void> {
  if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  else await chunks.return?.();
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new InputError("A stream that is given as a file must give bytes.");
}
