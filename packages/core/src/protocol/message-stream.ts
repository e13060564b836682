import type { Subscription } from "rxjs";
import { ConnectionError, type GradioError, ProtocolError } from "../errors.ts";
import { parseJson } from "../http/body.ts";
import { eventStream } from "../http/event-stream.ts";
import type { Http } from "../http/request.ts";
import { quote } from "../http/errors.ts";
import { parseMessage, type WireMessage, type WireTraits } from "../wire/messages.ts";

/** How the stream of a session is doing. */
export type StreamState = "idle" | "connecting" | "open" | "lost";

/** What a stream of messages needs, and whom it tells. */
export interface MessageStreamSettings {
  http: Http;
  /** Path and query of the stream. */
  path: string;
  /** How the app's messages differ from the newest. */
  traits: WireTraits;
  onMessage: (message: WireMessage) => void;
  /** The stream has been asked for twice, and the app may have taken the end of the first for a loss. */
  onDoubt: () => void;
  /** The stream ended without a farewell, cleanly or not. */
  onLost: (error: unknown) => void;
  /** Told each change. */
  onState: (state: StreamState) => void;
}

/**
 * How long the app may take to notice that its reader has gone. Then it sweeps the session: a call that arrives just before
 * is swept with it, a reader that comes before hears nothing (PROTOCOL.md, 2.6). In milliseconds.
 */
export const SWEEP = 300;
/** The longest that is waited for an app that is slow. In milliseconds. */
const LONGEST_SWEEP = 3_000;

/** How long the sweep is waited for, where the app has taken so long to take a call. In milliseconds. */
export function sweepAfter(latency: number): number {
  return Math.min(LONGEST_SWEEP, Math.max(SWEEP, 3 * latency));
}

/** How long a connection may stay open after its farewell, in milliseconds. */
const GRACE = 1_000;

/**
 * The messages of one session (PROTOCOL.md, 2.5): at most one connection at a time that is listened to. Two readers of one
 * session would steal messages from each other.
 */
export class MessageStream {
  readonly #settings: MessageStreamSettings;
  #current: Subscription | null = null;
  /** Connections that have said goodbye and not yet ended. */
  readonly #parting = new Set<Subscription>();
  /** By `performance.now()`: when a byte came last, or the request was sent. */
  lastByte = 0;
  /** Whether the present connection is the second try, and the app may have seen the first. */
  repeated = false;
  /** By `performance.now()`: when our side last left a connection that the app had not ended. */
  leftAt: number = -Infinity;

  constructor(settings: MessageStreamSettings) {
    this.#settings = settings;
  }

  /** Whether it listens. */
  get isOpen(): boolean {
    return this.#current !== null;
  }

  /** Whether nothing of it is left. */
  get isGone(): boolean {
    return this.#current === null && this.#parting.size === 0;
  }

  /** Listens. Only where it does not: see {@link isOpen}. */
  open(): void {
    const { http, path, onDoubt, onState } = this.#settings;
    this.repeated = false;
    this.lastByte = performance.now();
    const connection: Subscription = eventStream({
      // What the app has not seen can be asked for again: its messages wait (PROTOCOL.md, 2.5). If it has, it must have swept
      // the session before: of two readers, one hears nothing.
      open: (signal) => http.open(path, { signal, retry: { minDelay: SWEEP, onRetry: (error) => this.#doubt(error) } }),
      onOpen: () => {
        if (connection !== this.#current) return;
        onState("open");
        if (this.repeated) onDoubt();
      },
      onBytes: () => (this.lastByte = performance.now()),
      limit: http.settings.limits.event,
    }).subscribe({
      next: (data) => this.#read(connection, data),
      complete: () => this.#ended(connection, undefined),
      error: (error) => this.#ended(connection, error),
    });
    this.#current = connection;
    onState("connecting");
  }

  /**
   * The app has said goodbye: what comes after is for nobody. The connection is left to end by itself, as aborting it could
   * take the messages of a call that joins just now.
   */
  farewell(): void {
    const connection = this.#current;
    if (!connection) return;
    this.#current = null;
    this.#parting.add(connection);
    const timer = setTimeout(() => connection.unsubscribe(), GRACE);
    connection.add(() => {
      clearTimeout(timer);
      this.#parting.delete(connection);
    });
    this.#settings.onState("idle");
  }

  /**
   * Leaves the connection, whether or not the app has more to say.
   *
   * @param unnoticed - whether the app has yet to notice that its reader is gone; not where it ended the connection itself.
   */
  hangUp(state: StreamState = "idle", unnoticed = true): void {
    const connection = this.#current;
    if (!connection) return;
    this.#current = null;
    if (unnoticed) this.leftAt = performance.now();
    connection.unsubscribe();
    this.#settings.onState(state);
  }

  /** Leaves everything. */
  close(): void {
    this.hangUp();
    for (const connection of this.#parting) connection.unsubscribe();
  }

  #read(connection: Subscription, data: string): void {
    if (connection !== this.#current || data === "") return;
    const { http, traits, onMessage, onLost } = this.#settings;
    let message: WireMessage;
    try {
      message = parseMessage(parseJson(data, http.settings.limits.depth), traits);
    } catch (error) {
      return onLost(unreadable(error, data));
    }
    onMessage(message);
  }

  /** What a server answered with a status, or never got, no reader of a session has seen. */
  #doubt(error: GradioError): void {
    const unseen = error.status !== undefined || (error instanceof ConnectionError && error.accepted === false);
    if (!unseen) this.repeated = true;
  }

  #ended(connection: Subscription, error: unknown): void {
    if (connection === this.#current) this.#settings.onLost(error);
  }
}

function unreadable(error: unknown, data: string): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError(`The app sent an event that is no JSON: ${quote(data)}`);
}
