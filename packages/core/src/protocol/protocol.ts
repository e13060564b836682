import type { Observable } from "rxjs";
import type { WireMessage } from "../wire/messages.ts";
import type { ConnectionState } from "./connection-state.ts";

/** A call that is ready to be sent: arguments checked, files uploaded. */
export interface PreparedCall {
  /** API name with its slash, for sentences. */
  endpoint: string;
  fnIndex: number;
  /** One element for each input of the function, states included. */
  data: readonly unknown[];
  /** The parameter's name for each input; `null` for states and for parameters without one. */
  inputNames: readonly (string | null)[];
  /** Whether the function is called by way of the app's queue; where it has none, directly. */
  queued: boolean;
  /** Whether the function keeps state in the session, so that it must run in the client's own. */
  stateful: boolean;
  /** Whether the caller wants a session and a stream for this call alone. */
  isolate: boolean;
  /** What the function finds in its event data, and the component that the call seems to come from. */
  eventData?: unknown;
  triggerId?: number | undefined;
  /** Token for functions that take a Hub login. */
  oauthToken?: string | undefined;
  /** The caller's headers for this call. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** Makes the headers that the platform adds where the call is handed over; asked each time that it is. */
  joinHeaders?: JoinHeaders | undefined;
  /** Number of the run, from 1: a resubmission has the next one. */
  attempt: number;
  /** End of the call's own time, by `performance.now()`; `Infinity` without a time limit. */
  deadline: number;
}

/** Headers that a platform adds to a call as it is handed over. It may take a moment, and must not take long. */
export type JoinHeaders = () => Promise<Readonly<Record<string, string>>>;

/** Reason why our side ended a call: a cancel, silence of its stream, another time limit, or the end of the client. */
export type EndCause = "cancelled" | "idle" | "late" | "closed";

/**
 * The end of a call by our side: the `reason` of the `AbortSignal` that {@link Protocol.run} receives.
 *
 * The protocol reports the requests that tell the app through {@link CallEnd.waitUntil}, as a service worker's event does.
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

/** The end that a signal was aborted with; `null` while it is not aborted, or where a subscriber left without a reason. */
export function endOf(signal: AbortSignal): CallEnd | null {
  const reason: unknown = signal.aborted ? signal.reason : null;
  return reason instanceof CallEnd ? reason : null;
}

/** One message of a call on its way through a protocol: the app's own, and two that the protocol adds. */
export type ProtocolMessage =
  | WireMessage
  /** The call is on its way. `lastLife` returns the time of the last sign of life, by `performance.now()`. */
  | { kind: "sent"; lastLife: () => number | null }
  /** The app accepted the call. `chunks` sends further chunks, where its input is a stream. */
  | { kind: "accepted"; eventId: string | null; chunks: ChunkPort | null };

/** Destination of the chunks of a call whose input is a stream. */
export interface ChunkPort {
  /** Resolves when the app has the chunk. */
  send(data: readonly unknown[]): Promise<void>;
  /** Ends the input. */
  end(): Promise<void>;
}

/**
 * How calls are carried to an app and their messages back, in one generation of the wire. Adding a generation is adding
 * one of these; `protocolFor` chooses.
 */
export interface Protocol {
  /** Id of the session that new calls belong to. A secret: who knows it can read what the session receives. */
  readonly sessionHash: string;
  /** How the connection to the app is doing: now, and each change. */
  readonly state$: Observable<ConnectionState>;

  /**
   * The messages of one call, from `accepted` to its `process_completed`. Cold: subscribing sends the call.
   * Unsubscribing before the end cancels it at the app, in the background and for a bounded time. Where the signal was
   * aborted with a {@link CallEnd} before, its reason is heeded, and it waits for the app's answer.
   *
   * Errors with a typed error when the call cannot be sent or its stream is lost. Completes after the last message.
   */
  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage>;

  /** Whether the app shows life by itself while such a call says nothing: only then does silence mean anything. */
  beats(call: { queued: boolean }): boolean;

  /** New calls belong to a fresh session; those on their way end in the old one. */
  reset(): void;

  /** Ends everything; the app is told of what still runs, for at most `patience` milliseconds. */
  close(patience: number): Promise<void>;
}
