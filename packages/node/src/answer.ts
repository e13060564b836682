import type { ByteReader, ByteSource, TransportResponse } from "@gradio-rx/core/platform";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { decompressed } from "./decompress.ts";

/** Converts an answer of `node:http`. Its body is decompressed. */
export async function answerOf(incoming: IncomingMessage, url: string): Promise<TransportResponse> {
  const { headers, statusCode: status = 0 } = incoming;
  const encoding = headers["content-encoding"];
  const bytes = encoding === undefined ? incoming : decompressed(incoming, encoding);
  return {
    status,
    url,
    headers: {
      get(name) {
        const value = headers[name.toLowerCase()];
        return (Array.isArray(value) ? value.join(", ") : value) ?? null;
      },
      getSetCookie: () => headers["set-cookie"] ?? [],
    },
    body: new Body(bytes),
  };
}

/** Message of the error for a body that breaks off. */
const CUT = "The connection was closed in the middle of an answer.";

type Chunk = Awaited<ReturnType<ByteReader["read"]>>;

/** A call of `read` that waits for a chunk. */
interface PendingRead {
  resolve: (chunk: Chunk) => void;
  reject: (error: Error) => void;
}

/**
 * The bytes of a Node stream, for one reader. Each read returns all bytes that have arrived, such as several HTTP chunks of one
 * read of the socket.
 */
class Body implements ByteSource, ByteReader {
  readonly #source: Readable;
  #ended = false;
  #error: Error | null = null;
  #pending: PendingRead | null = null;

  constructor(source: Readable) {
    this.#source = source;
    source.on("readable", () => this.#flush());
    source.once("end", () => this.#end(null));
    // Node's own message for a closed connection is "aborted".
    source.on("error", (error) => this.#end(error.message === "aborted" ? new Error(CUT, { cause: error }) : error));
    source.once("close", () => {
      // Every answer closes: an error with its stack is created only for one that was cut.
      if (!this.#ended) this.#end(new Error(CUT));
    });
  }

  getReader(): ByteReader {
    return this;
  }

  read(): Promise<Chunk> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#flush();
    });
  }

  async cancel(): Promise<void> {
    if (!this.#ended) this.#source.destroy();
  }

  /** Settles the pending read, if there is something to settle it with. */
  #flush(): void {
    if (!this.#pending) return;
    const chunk = this.#source.read() as Uint8Array | null;
    if (chunk !== null) this.#take()?.resolve({ done: false, value: chunk });
    else if (this.#error) this.#take()?.reject(this.#error);
    else if (this.#ended) this.#take()?.resolve({ done: true });
  }

  #end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#flush();
  }

  #take(): PendingRead | null {
    const pending = this.#pending;
    this.#pending = null;
    return pending;
  }
}
