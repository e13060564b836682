import { InputError } from "../errors.ts";
import { type FileStream, isBuffer, isWebStream } from "./files.ts";

/**
 * Returns the bytes of a caller's stream, which can be read once.
 *
 * @param check - called with the number of bytes so far; throws where there are too many.
 * @param ended - aborted when the upload has ended. Then the caller's stream is released, also while it is being read.
 * @throws InputError for a stream that was read before, and for chunks that are neither bytes nor text.
 */
export function streamBytes(
  stream: FileStream,
  check: (bytes: number) => void,
  ended: AbortSignal,
): ReadableStream<Uint8Array> {
  const chunks = unreadChunks(stream);
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stop = (): void => {
          controller.error(ended.reason);
          release(stream, chunks).catch(() => undefined);
        };
        if (ended.aborted) stop();
        else ended.addEventListener("abort", stop, { once: true });
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

/** Returns the chunks of a stream that was not read before. */
function unreadChunks(stream: FileStream): AsyncIterator<unknown> {
  if (isWebStream(stream)) {
    try {
      // A Response rejects a stream that was read before. Not every platform can iterate over a stream.
      return readerOf(stream instanceof ReadableStream ? (new Response(stream).body ?? stream) : stream);
    } catch (cause) {
      throw new InputError(ALREADY_READ, { cause });
    }
  }
  // A stream of Node that was read before would seem to be empty.
  if (["destroyed", "readableEnded", "readableDidRead"].some((key) => Reflect.get(stream, key) === true))
    throw new InputError(ALREADY_READ);
  // The iterator reports errors, too, but without a listener an error of a stream of Node ends the process.
  if ("on" in stream && typeof stream.on === "function") stream.on("error", () => undefined);
  return stream[Symbol.asyncIterator]();
}

const ALREADY_READ = "The stream has been read before. Pass a Blob to send the same bytes more than once.";

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

/** Releases a stream. The iterator of a stream of Node would wait for the chunk that was requested last. */
async function release(stream: FileStream, chunks: AsyncIterator<unknown>): Promise<void> {
  if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  else await chunks.return?.();
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (isBuffer(chunk)) return new Uint8Array(chunk);
  throw new InputError("A stream that is passed as a file must yield bytes.");
}
