import type { ByteReader, ByteSource, TransportResponse } from "@gradio-rx/core";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

/** An answer of `node:http`; its body comes decompressed. */
export async function answerOf(incoming: IncomingMessage, url: string): Promise<TransportResponse> {
  const { headers, statusCode: status = 0 } = incoming;
  const encoding = headers["content-encoding"];
  const bytes = encoding === undefined ? incoming : (await import("./decompress.ts")).decompressed(incoming, encoding);
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

const CUT = "The connection was closed in the middle of an answer.";

type Piece = Awaited<ReturnType<ByteReader["read"]>>;

/** Who waits for a piece. */
interface Waiting {
  resolve: (piece: Piece) => void;
  reject: (error: Error) => void;
}

/**
 * The bytes of a Node stream, for one reader. All that is there is handed on in one piece, such as the HTTP chunks that one read
 * of the socket brought.
 */
class Body implements ByteSource, ByteReader {
  readonly #source: Readable;
  #ended = false;
  #error: Error | null = null;
  #waiting: Waiting | null = null;

  constructor(source: Readable) {
    this.#source = source;
    source.on("readable", () => this.#give());
    source.once("end", () => this.#end(null));
    // "aborted" is what Node says of a connection that was closed.
    source.on("error", (error) => this.#end(error.message === "aborted" ? new Error(CUT, { cause: error }) : error));
    source.once("close", () => this.#end(new Error(CUT)));
  }

  getReader(): ByteReader {
    return this;
  }

  read(): Promise<Piece> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#give();
    });
  }

  async cancel(): Promise<void> {
    if (!this.#ended) this.#source.destroy();
  }

  /** Gives what is there to whoever waits. */
  #give(): void {
    if (!this.#waiting) return;
    const piece = this.#source.read() as Uint8Array | null;
    if (piece !== null) this.#settle()?.resolve({ done: false, value: piece });
    else if (this.#error) this.#settle()?.reject(this.#error);
    else if (this.#ended) this.#settle()?.resolve({ done: true });
  }

  #end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#give();
  }

  #settle(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
