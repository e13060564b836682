import type { Socket } from "node:net";
import type { SentEvent } from "./events.ts";
import type { Break, EventPoint, Fault } from "./fault.ts";

/** Head of a response. */
export interface AnswerHead {
  status: number;
  reason: string;
  headers: [name: string, value: string][];
}

/** Milliseconds for which a reset waits, so that data written before it is received. */
const RESET_DELAY = 5;

/** Writes one response to a socket, with the fault that applies to it. */
export class AnswerWriter {
  readonly #socket: Socket;
  readonly #fault: Fault;
  readonly #onAborted: () => void;
  readonly #kinds = new Map<string, number>();
  #frame: "chunked" | "length" | "connection" = "length";
  #events = 0;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the response has ended, completely or not. */
  ended = false;
  /** Whether the connection can be used for another response. */
  reusable = true;

  /** @param onAborted - called when the response ends before it is complete. */
  constructor(socket: Socket, fault: Fault, onAborted: () => void) {
    this.#socket = socket;
    this.#fault = fault;
    this.#onAborted = onAborted;
    socket.once("close", this.#onClose);
  }

  readonly #onClose = (): void => this.#finish(false);

  /** Writes interim responses and the head. Breaks before or within the head if the fault says so. */
  async head(head: AnswerHead): Promise<void> {
    const { breaks, head: change = {} } = this.#fault;
    if (breaks?.at === "answer") await this.#break(breaks);
    if (this.ended) return;
    for (const status of change.interim ?? []) this.#write(`HTTP/1.1 ${status} Interim\r\n\r\n`);
    const version = change.version ?? "1.1";
    const { headers, frame } = framed(head.headers, this.#fault);
    this.#frame = frame;
    if (frame === "connection" || /close/i.test(headers.find(([name]) => name === "connection")?.[1] ?? ""))
      this.reusable = false;
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const text = `HTTP/${version} ${head.status} ${head.reason}\r\n${lines}\r\n`;
    const half = breaks?.at === "head" ? Math.floor(text.length / 2) : text.length;
    this.#write(text.slice(0, half));
    if (breaks?.at === "head") await this.#break(breaks);
    if (this.ended) return;
    this.#write(text.slice(half));
    if (breaks && typeof breaks.at === "object" && "ms" in breaks.at)
      this.#timer = setTimeout(() => void this.#break(breaks), breaks.at.ms);
  }

  /** Writes a part of the body. */
  async part(bytes: Uint8Array, event?: SentEvent): Promise<void> {
    if (this.ended || bytes.length === 0) return;
    const { breaks } = this.#fault;
    const at = breaks ? this.#breakAt(breaks, bytes, event) : null;
    this.#sent += bytes.length;
    if (!breaks || at === null) return await this.#chunk(bytes);
    // An aborted body ends within a chunk; a body that ends properly or continues needs complete chunks.
    if (breaks.how === "end" || breaks.how === "stall") {
      if (at > 0) await this.#chunk(bytes.subarray(0, at));
    } else {
      this.#beginChunk(bytes.length);
      await this.#raw(bytes.subarray(0, at));
    }
    await this.#break(breaks);
    if (!this.ended && at < bytes.length) await this.#chunk(bytes.subarray(at));
  }

  /** Ends the body. */
  async end(): Promise<void> {
    const { breaks } = this.#fault;
    if (breaks?.at === "end" && !this.ended) await this.#break(breaks);
    if (this.ended) return;
    if (this.#frame === "chunked") this.#write("0\r\n\r\n");
    this.#finish(false);
    if (!this.reusable) this.#socket.end();
  }

  /** Carries out a break at once. */
  async #break({ how, for: wait, murmur }: Break): Promise<void> {
    if (this.ended) return;
    if (how === "stall") return await this.#stall(wait, murmur);
    this.#finish(true);
    if (how === "end") {
      if (this.#frame === "chunked") this.#write("0\r\n\r\n");
      else this.reusable = false;
      if (!this.reusable) this.#socket.end();
      return;
    }
    this.reusable = false;
    await breakOff(this.#socket, how);
  }

  #stall(wait: number | undefined, murmur: string | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = wait === undefined ? undefined : setTimeout(resolve, wait);
    const sendText = (text: string): void => {
      this.#beginChunk(text.length);
      this.#write(text);
      this.#endChunk();
    };
    const interval = murmur === undefined ? undefined : setInterval(() => sendText(murmur), 100);
    this.#socket.once("close", resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      clearInterval(interval);
    });
  }

  #finish(early: boolean): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.#timer);
    this.#socket.off("close", this.#onClose);
    if (early || this.#socket.destroyed) this.#onAborted();
  }

  /** Returns the number of these bytes before the break; `null` if the break is not in them. */
  #breakAt({ at }: Break, bytes: Uint8Array, event: SentEvent | undefined): number | null {
    if (typeof at !== "object") return null;
    if ("byte" in at) return at.byte >= this.#sent && at.byte < this.#sent + bytes.length ? at.byte - this.#sent : null;
    if (!("event" in at) || !event) return null;
    this.#events++;
    const count = (this.#kinds.get(event.msg ?? "") ?? 0) + 1;
    this.#kinds.set(event.msg ?? "", count);
    const here =
      typeof at.event === "number" ? at.event === this.#events : at.event === event.msg && count === (at.nth ?? 1);
    return here ? inside(at, bytes) : null;
  }

  async #chunk(bytes: Uint8Array): Promise<void> {
    const { pieces = bytes.length, pause } = this.#fault.body ?? {};
    for (let at = 0; at < bytes.length && !this.ended; at += pieces) {
      const piece = bytes.subarray(at, at + pieces);
      this.#beginChunk(piece.length);
      await this.#raw(piece);
      this.#endChunk();
      if (pause !== undefined) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #beginChunk(length: number): void {
    if (this.#frame === "chunked") this.#write(`${length.toString(16)}\r\n`);
  }

  #endChunk(): void {
    if (this.#frame === "chunked") this.#write("\r\n");
  }

  #write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Writes bytes; resolves when the socket accepts more. */
  #raw(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#socket.write(bytes)) return Promise.resolve();
    const proceed = (): void => {
      this.#socket.off("drain", proceed);
      this.#socket.off("close", proceed);
      resolve();
    };
    this.#socket.on("drain", proceed);
    this.#socket.on("close", proceed);
    return promise;
  }
}

/** Closes or resets a connection after the data that was written to it is sent. */
export async function breakOff(socket: Socket, how: "close" | "reset"): Promise<void> {
  if (how === "close") return void socket.end(() => socket.destroy());
  await new Promise((resolve) => setTimeout(resolve, RESET_DELAY));
  socket.resetAndDestroy();
}

function inside({ part = "after" }: EventPoint, bytes: Uint8Array): number {
  if (part === "before") return 0;
  if (part === "after") return bytes.length;
  if (part === "blank") return bytes.length - 1;
  // After the first byte of a character that has several bytes.
  const character = bytes.findIndex((byte) => byte >= 0xc0) + 1;
  return part === "character" && character > 0 ? character : Math.floor(bytes.length / 2);
}

/** Returns the headers to send, and the framing of the body that they declare. */
function framed(
  given: AnswerHead["headers"],
  { head = {}, events, body, breaks }: Fault,
): { headers: AnswerHead["headers"]; frame: "chunked" | "length" | "connection" } {
  const length = given.find(([name]) => name === "content-length");
  const changed =
    events !== undefined ||
    body?.prefix !== undefined ||
    body?.replace !== undefined ||
    body?.encoding !== undefined ||
    breaks?.at === "end";
  const own = length && !changed ? "length" : "chunked";
  const frame = head.frame ?? (head.version === "1.0" ? "connection" : own);
  const headers = given.filter(
    ([name]) => name !== "content-length" && name !== "transfer-encoding" && name !== "connection",
  );
  if (frame === "chunked") headers.push(["transfer-encoding", "chunked"]);
  if (frame === "length") headers.push(length ?? ["content-length", "0"]);
  if (frame === "connection") headers.push(["connection", "close"]);
  for (const [name, value] of Object.entries(head.headers ?? {})) {
    const at = headers.findIndex(([one]) => one === name.toLowerCase());
    if (at >= 0) headers.splice(at, 1);
    if (value !== null) headers.push([name.toLowerCase(), value]);
  }
  return { headers, frame };
}
