import type { Socket } from "node:net";

/** Head of a request. */
export interface RequestHead {
  method: string;
  /** Path and query. */
  target: string;
  /** Headers by name in lower case; the last one if a name is repeated. */
  headers: Record<string, string>;
}

/** Reads requests from a socket, one after the other. */
export class RequestReader {
  readonly #socket: Socket;
  #buffer: Buffer[] = [];
  #length = 0;
  #over = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#buffer.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    const end = (): void => {
      this.#over = true;
      this.#wake();
    };
    socket.on("end", end);
    socket.on("close", end);
  }

  /** Reads the head of the next request; resolves to `null` at the end of the connection. */
  async head(): Promise<RequestHead | null> {
    const bytes = await this.#until("\r\n\r\n");
    if (bytes === null) return null;
    const [first = "", ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
    const [method = "", target = "/"] = first.split(" ");
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    return { method, target, headers };
  }

  /**
   * Reads the body of the request whose head was read last.
   *
   * @param limit - maximum number of bytes to read.
   * @returns `null` if the client disconnected before the end of the body.
   */
  async body({ headers }: RequestHead, limit: number = Infinity): Promise<Buffer | null> {
    if (headers["transfer-encoding"] !== undefined) return this.#chunks(limit);
    return this.#exactly(Math.min(Number(headers["content-length"] ?? 0), limit));
  }

  /** Stops reading, so that data of the client is not received. */
  stop(): void {
    this.#socket.pause();
  }

  async #chunks(limit: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let length = 0; length < limit;) {
      const line = await this.#until("\r\n");
      const size = line === null ? NaN : parseInt(line.toString("latin1"), 16);
      const part = Number.isNaN(size) ? null : await this.#exactly(size + 2);
      if (part === null) return null;
      if (size === 0) break;
      parts.push(part.subarray(0, size));
      length += size;
    }
    return Buffer.concat(parts);
  }

  async #until(marker: string): Promise<Buffer | null> {
    for (;;) {
      const all = this.#all();
      const at = all.indexOf(marker);
      if (at >= 0) return this.#take(at + marker.length);
      if (this.#over) return null;
      await this.#more();
    }
  }

  async #exactly(size: number): Promise<Buffer | null> {
    while (this.#length < size) {
      if (this.#over) return null;
      await this.#more();
    }
    return this.#take(size);
  }

  #take(size: number): Buffer {
    const all = this.#all();
    this.#buffer = [all.subarray(size)];
    this.#length -= size;
    return all.subarray(0, size);
  }

  #all(): Buffer {
    if (this.#buffer.length !== 1) this.#buffer = [Buffer.concat(this.#buffer)];
    return this.#buffer[0]!;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
