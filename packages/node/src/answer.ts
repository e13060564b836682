import type { ByteReader, ByteSource, TransportResponse } from "@gradio-rx/core";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

/** Most bytes that are kept for a reader who does not come for them. */
const ROOM = 256 * 1024;

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

/**
 * The bytes of a Node stream, for one reader. What comes at one go, such as the HTTP chunks that one read of the socket brought, is
 * handed on in one piece.
 */
class Body implements ByteSource, ByteReader {
  readonly #source: Readable;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #error: Error | null = null;
  /** Who waits for the next piece. */
  #waiting: { resolve: (piece: Piece) => void; reject: (error: Error) => void } | null = null;

  constructor(source: Readable) {
    this.#source = source;
    source.on("data", (piece: Uint8Array) => this.#keep(piece));
    source.once("end", () => this.#end(null));
    source.on("error", (error) => this.#end(error));
    source.once("close", () => this.#end(new Error("The connection was closed in the middle of an answer.")));
  }

  getReader(): ByteReader {
    return this;
  }

  read(): Promise<Piece> {
    if (this.#size > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#error) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#pieces = [];
    this.#size = 0;
    this.#source.destroy();
  }

  #keep(piece: Uint8Array): void {
    // More may follow before whoever waits gets to run.
    if (this.#size === 0 && this.#waiting) process.nextTick(() => this.#give());
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > ROOM) this.#source.pause();
  }

  #give(): void {
    if (this.#size === 0 || !this.#waiting) return;
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve({ done: false, value: this.#take() });
  }

  #take(): Uint8Array {
    const pieces = this.#pieces;
    if (this.#size > ROOM) this.#source.resume();
    this.#pieces = [];
    this.#size = 0;
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  #end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    // First what came before.
    this.#give();
    if (!this.#waiting) return;
    if (error) this.#waiting.reject(error);
    else this.#waiting.resolve({ done: true, value: undefined });
    this.#waiting = null;
  }
}

type Piece = Awaited<ReturnType<ByteReader["read"]>>;
