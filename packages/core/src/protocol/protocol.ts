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
  /** What the call and the one who carries it tell each other while it runs. */
  ties: CallTies;
}

/** Headers that a platform adds to a call as it is handed over. It may take a moment, and must not take long. */
export type JoinHeaders = () => Promise<Readonly<Record<string, string>>>;

/** What a call and the one who carries it tell each other beside the messages. */
export interface CallTies {
  /**
   * When the call last showed life, by `performance.now()`: any byte of its stream counts. Set by the protocol, read by
   * the idle limit; `null` until there is a stream to listen to.
   */
  lastLife: () => number | null;
  /** Whether the call was given up because its stream was silent; set by the idle limit. */
  silent: boolean;
  /** Whether the call was given up because its time, or the time to its start, was over; set by the limits. */
  late: boolean;
  /** By `performance.now()`: when the call's own time is over; `Infinity` where it has all the time it wants. Set by the limits. */
  deadline: number;
  /** Hands chunks to a call whose input is a stream; `null` until the app has taken it. Set by the protocol. */
  chunks: ChunkPort | null;
  /** Settles when the app has answered a cancel of this call, or was given up; set by the protocol on a cancel. */
  told: Promise<void>;
}

/** Where the chunks of a call go whose input is a stream. */
export interface ChunkPort {
  /** Resolves when the app has the chunk. */
  send(data: readonly unknown[]): Promise<void>;
  /** Ends the input. */
  end(): Promise<void>;
}

/** Ties of a call that is not on its way yet: nothing alive, nothing to tell. */
export function noTies(): CallTies {
  return {
    lastLife: () => null,
    silent: false,
    late: false,
    deadline: Infinity,
    chunks: null,
    told: Promise.resolve(),
  };
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
   * Unsubscribing before the end cancels it at the app, behind the subscriber's back and for a bounded time;
   * `call.ties.told` then tells when the app knows.
   *
   * Errors with a typed error when the call cannot be sent or its stream is lost. Completes after the last message.
   */
  run(call: PreparedCall): Observable<WireMessage>;

  /** Whether the app shows life by itself while such a call says nothing: only then does silence mean anything. */
  beats(call: { queued: boolean }): boolean;

  /** New calls belong to a fresh session; those on their way end in the old one. */
  reset(): void;

  /** Ends everything; the app is told of what still runs, for at most `patience` milliseconds. */
  close(patience: number): Promise<void>;
}
