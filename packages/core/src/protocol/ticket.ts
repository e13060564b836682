import type { Subscriber } from "rxjs";
import type { WireMessage } from "../wire/messages.ts";
import { type ChunkPort, type EndCause, endOf, type PreparedCall, type ProtocolMessage } from "./protocol.ts";

/**
 * Where a call stands at the app, as far as its messages tell: not sent yet; sent, without an id; taken, without a
 * message; waiting; running; ended.
 */
export type Phase = "held" | "joining" | "accepted" | "queued" | "running" | "over";

/**
 * How long a call may be starting after it was told its place in the queue, in milliseconds: where there is room that is told, too
 * (PROTOCOL.md, 5.1).
 */
export const STARTING = 300;

/** One call in its session: who waits for its messages, and where it stands at the app. */
export class Ticket {
  readonly call: PreparedCall;
  phase: Phase = "held";
  eventId: string | null = null;
  /** Whether a message of this call has come on the stream that is open now. */
  heard = false;
  /** Whether a message has come that only a call has which the app runs, and has not given up. */
  spoke = false;
  /** Whether it was taken while the stream before said goodbye, and waits for the next one. */
  moved = false;
  /** By `performance.now()`: when a message of this very call came last, or the app took it. */
  lastMessage = 0;
  /** A cancel may have hit this call although it was meant for another: only its own messages show that it lives. */
  suspect = false;
  /** Whether the app has been asked to take it out of its queue, or to stop it by its id. */
  asked = false;
  /** Tells the caller who left that the app knows, or need not or cannot. */
  told: () => void = () => undefined;
  /** Settles when the app was told, as far as it had to be. */
  answered: Promise<void> = Promise.resolve();
  readonly #subscriber: Subscriber<ProtocolMessage>;
  readonly #signal: AbortSignal;

  constructor(call: PreparedCall, subscriber: Subscriber<ProtocolMessage>, signal: AbortSignal) {
    this.call = call;
    this.#subscriber = subscriber;
    this.#signal = signal;
  }

  /** Reason why our side ended the call; `undefined` where it gave none. */
  get why(): EndCause | undefined {
    return endOf(this.#signal)?.why;
  }

  /** Lets the caller who cancelled wait until the app was told. */
  waitUntil(answered: Promise<void>): void {
    this.answered = answered;
    endOf(this.#signal)?.waitUntil(answered);
  }

  /** The call is on its way; `lastLife` returns when it last showed life. */
  send(lastLife: () => number | null): void {
    if (this.live) this.#subscriber.next({ kind: "sent", lastLife });
  }

  /** Whether somebody still waits for this call. */
  get live(): boolean {
    return !this.#subscriber.closed;
  }

  /** Whether the app has ended the call. */
  get over(): boolean {
    return this.phase === "over";
  }

  /** Whether the app may be running this call now: a cancel that is meant for a sibling could hit it. For one that was sent. */
  get mayRun(): boolean {
    return this.phase !== "queued" || performance.now() - this.lastMessage < STARTING;
  }

  /** The app has taken the call. */
  accept(eventId: string, chunks: ChunkPort): void {
    this.phase = "accepted";
    this.lastMessage = performance.now();
    this.eventId = eventId;
    if (this.live) this.#subscriber.next({ kind: "accepted", eventId, chunks });
  }

  /**
   * Takes note of a message, and hands it to whoever waits.
   *
   * @param time - when it came, by `performance.now()`.
   */
  receive(message: WireMessage, time: number): void {
    this.heard = true;
    // Its place in the queue, and its start, may have been told before the app gave it up.
    if (message.kind !== "estimation" && message.kind !== "process_starts") this.spoke = true;
    this.lastMessage = time;
    this.phase = nextPhase(this.phase, message);
    if (!this.live) return;
    this.#subscriber.next(message);
    if (this.over) this.#subscriber.complete();
  }

  /** Ends the call with an error, for whoever waits. */
  fail(error: unknown): void {
    if (this.live) this.#subscriber.error(error);
  }
}

function nextPhase(phase: Phase, { kind }: WireMessage): Phase {
  if (kind === "process_completed" || kind === "unexpected_error") return "over";
  if (kind === "unknown") return phase;
  // An estimation that comes after the start of its own job is a straggler.
  if (kind === "estimation") return phase === "running" ? phase : "queued";
  return "running";
}

/** Whether somebody still waits for one of these calls. */
export function anyLive(tickets: Iterable<Ticket>): boolean {
  for (const ticket of tickets) if (ticket.live) return true;
  return false;
}

/** Whether these are all cancelled calls in the queue, which the end of the stream takes out of it. */
export function onlyWaiting(tickets: Iterable<Ticket>): boolean {
  for (const ticket of tickets) if (ticket.live || ticket.phase !== "queued") return false;
  return true;
}
