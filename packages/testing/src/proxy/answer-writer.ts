import type { Socket } from "node:net";
import type { SentEvent } from "./events.ts";
import type { Break, EventPoint, Fault } from "./fault.ts";

/** The head of an answer. */
export interface AnswerHead {
  status: number;
  reason: string;
  headers: [name: string, value: string][];
}

/** Milliseconds in which what was written before a reset reaches the other side. */
const FLIGHT = 5;

/** Writes one answer to a socket, byte by byte as its fault wants it. */
export class AnswerWriter {
  readonly #socket: Socket;
  readonly #fault: Fault;
  readonly #onGone: () => void;
  readonly #kinds = new Map<string, number>();
  #frame: "chunked" | "length" | "connection" = "length";
  #events = 0;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the answer is over: told whole, or broken off. */
  gone = false;
  /** Whether another answer can follow on this connection. */
  reusable = true;

  /** @param onGone - called when the answer breaks off. */
  constructor(socket: Socket, fault: Fault, onGone: () => void) {
    this.#socket = socket;
    this.#fault = fault;
    this.#onGone = onGone;
    socket.once("close", this.#lost);
  }

  readonly #lost = (): void => this.#leave(false);

  /** Writes interim heads and the head, and breaks before or in it, where that is the fault. */
  async head(head: AnswerHead): Promise<void> {
    const { breaks, head: change = {} } = this.#fault;
    if (breaks?.at === "answer") await this.#break(breaks);
    if (this.gone) return;
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
    if (this.gone) return;
    this.#write(text.slice(half));
    if (breaks && typeof breaks.at === "object" && "ms" in breaks.at)
      this.#timer = setTimeout(() => void this.#break(breaks), breaks.at.ms);
  }

  /** Writes a part of the body. */
  async part(bytes: Uint8Array, event?: SentEvent): Promise<void> {
    if (this.gone || bytes.length === 0) return;
    const { breaks } = this.#fault;
    const at = breaks ? this.#place(breaks, bytes, event) : null;
    this.#sent += bytes.length;
    if (!breaks || at === null) return await this.#chunk(bytes);
    // What breaks off, breaks off inside a chunk; what goes on needs whole ones.
    if (breaks.how === "end" || breaks.how === "stall") {
      if (at > 0) await this.#chunk(bytes.subarray(0, at));
    } else {
      this.#open(bytes.length);
      await this.#raw(bytes.subarray(0, at));
    }
    await this.#break(breaks);
    if (!this.gone && at < bytes.length) await this.#chunk(bytes.subarray(at));
  }

  /** Tells the body's end. */
  async end(): Promise<void> {
    const { breaks } = this.#fault;
    if (breaks?.at === "end" && !this.gone) await this.#break(breaks);
    if (this.gone) return;
    if (this.#frame === "chunked") this.#write("0\r\n\r\n");
    this.#leave(false);
    if (!this.reusable) this.#socket.end();
  }

  /** Breaks here and now. */
  async #break({ how, for: wait, murmur }: Break): Promise<void> {
    if (this.gone) return;
    if (how === "stall") return await this.#stall(wait, murmur);
    this.#leave(true);
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
    const say = (text: string): void => {
      this.#open(text.length);
      this.#write(text);
      this.#shut();
    };
    const sayings = murmur === undefined ? undefined : setInterval(() => say(murmur), 100);
    this.#socket.once("close", resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      clearInterval(sayings);
    });
  }

  #leave(early: boolean): void {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.#timer);
    this.#socket.off("close", this.#lost);
    if (early || this.#socket.destroyed) this.#onGone();
  }

  /** How many of these bytes come before the break; `null` where it is not in them. */
  #place({ at }: Break, bytes: Uint8Array, event: SentEvent | undefined): number | null {
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
    for (let at = 0; at < bytes.length && !this.gone; at += pieces) {
      const piece = bytes.subarray(at, at + pieces);
      this.#open(piece.length);
      await this.#raw(piece);
      this.#shut();
      if (pause !== undefined) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #open(length: number): void {
    if (this.#frame === "chunked") this.#write(`${length.toString(16)}\r\n`);
  }

  #shut(): void {
    if (this.#frame === "chunked") this.#write("\r\n");
  }

  #write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Waits where the other side does not keep up. */
  #raw(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#socket.write(bytes)) return Promise.resolve();
    const go = (): void => {
      this.#socket.off("drain", go);
      this.#socket.off("close", go);
      resolve();
    };
    this.#socket.on("drain", go);
    this.#socket.on("close", go);
    return promise;
  }
}

/** Closes a connection in the middle, or resets it; what was written before goes out. */
export async function breakOff(socket: Socket, how: "close" | "reset"): Promise<void> {
  if (how === "close") return void socket.end(() => socket.destroy());
  await new Promise((resolve) => setTimeout(resolve, FLIGHT));
  socket.resetAndDestroy();
}

function inside({ part = "after" }: EventPoint, bytes: Uint8Array): number {
  if (part === "before") return 0;
  if (part === "after") return bytes.length;
  if (part === "blank") return bytes.length - 1;
  // The byte after the first one of a character that has several.
  const character = bytes.findIndex((byte) => byte >= 0xc0) + 1;
  return part === "character" && character > 0 ? character : Math.floor(bytes.length / 2);
}

/** The headers as they are sent, and how they tell the body's end. */
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
