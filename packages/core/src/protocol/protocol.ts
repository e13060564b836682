import { distinctUntilChanged, type Observable, ReplaySubject } from "rxjs";
import type { WireMessage } from "../wire/messages.ts";

/** A call that is ready to be sent: its arguments are checked, its files uploaded. */
export interface PreparedCall {
  /** API name with its slash, for error messages. */
  readonly endpoint: string;
  readonly fnIndex: number;
  /** Whether the app finds the function by its name instead of its index (PROTOCOL.md, 5.8). */
  readonly byName: boolean;
  /** One element per input of the function, states included. */
  readonly data: readonly unknown[];
  /** Name of the parameter of each input; `null` for states and for parameters without a name. */
  readonly inputNames: readonly (string | null)[];
  /** Whether the function is called through the app's queue. An app without one is called directly. */
  readonly queued: boolean;
  /** Whether the function keeps state in the session: then it must run in the client's own session. */
  readonly stateful: boolean;
  /** Whether the call gets a session and a stream of its own. */
  readonly isolate: boolean;
  /** The function's event data, and the id of the component that counts as its source. */
  readonly eventData?: unknown;
  readonly triggerId?: number | undefined;
  /** Token for functions that take a Hub login. */
  readonly oauthToken?: string | undefined;
  /** The caller's headers for this call. */
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** Returns the headers that the platform adds to the submission. Called for each one. */
  readonly joinHeaders?: JoinHeaders | undefined;
  /** The caller's query parameters of the submission. */
  readonly query?: URLSearchParams | undefined;
  /** Number of the run, from 1: a resubmission has the next one. */
  readonly attempt: number;
  /** End of the call's own time, by `performance.now()`; `Infinity` without a time limit. */
  readonly deadline: number;
}

/** Returns the headers that a platform adds to a call's submission, which waits for it. */
export type JoinHeaders = () => Promise<Readonly<Record<string, string>>>;

/** Reason why our side ended a call: a cancel, silence of its stream, another time limit, or the end of the client. */
export type EndCause = "cancelled" | "idle" | "late" | "closed";

/**
 * The end of a call by our side: the `reason` of the `AbortSignal` that {@link Protocol.run} receives.
 *
 * The protocol reports the requests that cancel the call at the app through {@link CallEnd.waitUntil}, as with a service worker's
 * event.
 */
export class CallEnd {
  readonly why: EndCause;
  /** Error that the readers of the call receive. */
  readonly error: unknown;
  readonly #work: Promise<unknown>[] = [];

  constructor(why: EndCause, error: unknown) {
    this.why = why;
    this.error = error;
  }

  /** Keeps {@link settled} pending until the promise settles. */
  waitUntil(work: Promise<unknown>): void {
    this.#work.push(work);
  }

  /** Resolves when the app has answered the cancel, or when nothing has to be sent. Never rejects. */
  get settled(): Promise<void> {
    return Promise.allSettled(this.#work).then(() => undefined);
  }
}

/** Returns the end that a signal was aborted with; `null` while it is not aborted, and where it has another reason. */
export function endOf(signal: AbortSignal): CallEnd | null {
  const reason: unknown = signal.aborted ? signal.reason : null;
  return reason instanceof CallEnd ? reason : null;
}

/** One message of a call on its way through a protocol: the app's own, and two that the protocol adds. */
export type ProtocolMessage =
  | WireMessage
  /** The call is being sent. `lastActivity` returns the time of the last sign of life, by `performance.now()`; `null` without a stream. */
  | { kind: "sent"; lastActivity: () => number | null }
  /** The app accepted the call. `chunks` sends further chunks, where its input is a stream. */
  | { kind: "accepted"; eventId: string | null; chunks: ChunkPort | null };

/** Destination of the chunks of a call whose input is a stream. */
export interface ChunkPort {
  /** Resolves when the app has the chunk. */
  send(data: readonly unknown[]): Promise<void>;
  /** Ends the input. */
  end(): Promise<void>;
}

/** Sends calls to an app, and receives their messages, in one generation of the wire. */
export interface Protocol {
  /** Id of the session of new calls. A secret: it gives access to everything that the session receives. */
  readonly sessionHash: string;
  /** State of the connection to the app: the present one, and each change. */
  readonly state$: Observable<ConnectionState>;

  /**
   * The messages of one call, from `accepted` to its `process_completed`. Cold: subscribing sends the call.
   * Unsubscribing before the end cancels it at the app, in the background and for a bounded time. Where the signal was
   * aborted with a {@link CallEnd} before, its cause decides how the call is cancelled, and the app's answer settles it.
   *
   * Errors with a typed error when the call cannot be sent or its stream is lost. Completes after the last message.
   */
  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage>;

  /** Starts a new session for new calls. Calls that were sent end in the former one. */
  reset(): void;

  /** Ends everything. Calls that still run are cancelled at the app, for at most `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
}

/** State of a client's connection to its app. */
export type ConnectionState = "idle" | "connecting" | "open" | "lost" | "closed";

/**
 * The state of a client's connection, as a subject: a subscriber receives the present state and each change. After `close`, it
 * receives `closed` and completion.
 */
export class ConnectionStates {
  readonly #subject = new ReplaySubject<ConnectionState>(1);
  readonly state$: Observable<ConnectionState> = this.#subject.pipe(distinctUntilChanged());

  constructor() {
    this.set("idle");
  }

  /** Emits a state. Emits nothing after `close`. */
  set(state: ConnectionState): void {
    this.#subject.next(state);
  }

  /** Emits `closed`, and completes. */
  close(): void {
    this.set("closed");
    this.#subject.complete();
  }
}

/** Returns the id of a new session: 128 bits of the platform's cryptographic random source, in hexadecimal. */
export function newSessionHash(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
