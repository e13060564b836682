import type { WireMessage } from "../wire/messages.ts";
import type { ActiveCall, CancelTarget } from "./active-call.ts";
import type { PendingMessages } from "./pending-messages.ts";
import type { EndCause } from "./protocol.ts";

/** One connection of a session's event stream. The object is its identity. */
export interface Link {
  /** Time of its last byte, or of its request. */
  lastByte: number;
}

/** Facts about an event stream that has a connection. */
interface Connected {
  readonly link: Link;
  /** Whether the connection was opened before a call was accepted, and no message of a call has come. */
  readonly ahead: boolean;
  /** Whether its request was sent again after one that the app may have seen. */
  readonly repeated: boolean;
}

/** The same facts about a stream without a connection. */
interface Unconnected {
  readonly link?: undefined;
  readonly ahead?: undefined;
  readonly repeated?: undefined;
}

/** The event stream of a session. */
export type Stream =
  /** No connection. `known`: the app keeps the session, and waits for a reader. */
  | ({ readonly kind: "idle"; readonly known: boolean } & Unconnected)
  /** No connection, and the app may be sweeping the session: no call is sent. */
  | ({ readonly kind: "sweeping" } & Unconnected)
  /** The request was sent. */
  | ({ readonly kind: "connecting" } & Connected)
  /** The response has begun, and there are calls. */
  | ({ readonly kind: "open" } & Connected)
  /** No call is left; the app is about to close the stream. */
  | ({ readonly kind: "lingering" } & Connected)
  /**
   * The last call was given up, and the connection may be what failed: it has to bring a message. `holds`: the next call
   * waits for it. `final`: a call was sent meanwhile, and the next timer fails it.
   */
  | ({ readonly kind: "doubted"; readonly holds: boolean; readonly final: boolean } & Connected)
  /** The session has ended. */
  | ({ readonly kind: "closed" } & Unconnected);

/** The cancels of one function in one session. Without any, the function has no entry. */
export type FunctionCancels =
  /** Calls whose cancel would stop siblings that have readers. `recheck`: a timer will check them again. */
  | { readonly kind: "waiting"; readonly calls: Set<CancelTarget>; readonly recheck: boolean }
  /** `sent`: calls whose cancel was sent and not answered. `calls`: calls whose cancel is sent afterwards. */
  | { readonly kind: "travelling"; readonly calls: Set<CancelTarget>; readonly sent: Set<CancelTarget> };

/** Capabilities of the app's version that a session depends on. */
export interface SessionTraits {
  /** Whether any call can be cancelled by its id; before 4.31 only a running generator can. */
  cancels: boolean;
  /** Whether the app keeps a session after `close_stream`: then the next stream may be opened before a call was accepted. */
  remembers: boolean;
  /** Whether a cancel removes a call from the queue; before 6.14 the call is reported as completed, but runs. */
  dequeues: boolean;
}

/**
 * All state of one session. Written by `transition` and the functions that it calls, except for two times: `Session` sets
 * {@link Link.lastByte}, and `receiverOf` sets the time of a call's last message.
 */
export interface SessionState {
  readonly traits: SessionTraits;
  stream: Stream;
  /** Calls that wait before they are sent, in their order. */
  readonly held: Set<ActiveCall>;
  /** Calls that were sent, and have not ended at the app. */
  readonly calls: Set<ActiveCall>;
  /** Those that the app accepted. */
  readonly byId: Map<string, ActiveCall>;
  /** Cancels, by function index. */
  readonly cancels: Map<number, FunctionCancels>;
  /** Connections that received `close_stream`, and have not ended. */
  readonly parting: Set<Link>;
  readonly pending: PendingMessages;
  /**
   * Calls that were lost. The app keeps those that ran as pending for ever, and sends no `close_stream` before they are cancelled while a
   * reader is connected (PROTOCOL.md, 2.6). Some may still run.
   */
  readonly orphans: CancelTarget[];
  /** Whether the session takes new calls of the client; `closing`: every call is being cancelled. */
  standing: "current" | "retired" | "closing";
  /** Whether calls have ever been lost here. */
  hasLostCalls: boolean;
  /** Time at which this side last left a connection that the app had not ended. */
  leftAt: number;
  /** Time at which the last call of each function ended, by function index. */
  readonly freedAt: Map<number, number>;
  /** Time that the app took to accept recent calls. */
  latency: number;
  /** Time at which the timer `hold` fires; `null` when it is not armed. */
  holdUntil: number | null;
}

/** A timer of a session. `hold`, `grace` and `doubt` exist once: arming one replaces it. */
export type SessionTimer =
  | { readonly name: "hold" | "grace" | "doubt" }
  | { readonly name: "parting"; readonly link: Link }
  | { readonly name: "silence"; readonly calls: readonly ActiveCall[] }
  | { readonly name: "firstMessage" | "leaving" | "suspect"; readonly call: ActiveCall }
  | { readonly name: "expiry"; readonly call: CancelTarget }
  | { readonly name: "sibling"; readonly fnIndex: number };

/** Input of a session: a call, an event of its connections, or a timer. */
export type SessionInput =
  | { readonly kind: "submit"; readonly call: ActiveCall }
  /** The join was answered after `took` milliseconds. */
  | { readonly kind: "joined"; readonly call: ActiveCall; readonly eventId: string; readonly took: number }
  | { readonly kind: "joinFailed"; readonly call: ActiveCall; readonly error: unknown }
  /** The response of the stream has begun. */
  | { readonly kind: "opened"; readonly link: Link }
  /** The request of the stream failed, and is sent again. */
  | { readonly kind: "openFailed"; readonly link: Link; readonly error: unknown }
  | { readonly kind: "message"; readonly link: Link; readonly message: WireMessage; readonly text: string }
  /** The connection ended; with an error, it broke. */
  | { readonly kind: "ended"; readonly link: Link; readonly error: unknown }
  /** The reader of a call has unsubscribed. */
  | { readonly kind: "left"; readonly call: ActiveCall; readonly why: EndCause }
  /** The app answered cancels, or did not in time. */
  | { readonly kind: "cancelAnswered"; readonly calls: readonly CancelTarget[]; readonly fnIndex: number }
  /** The app had nothing to stop when the reset of a call came. */
  | { readonly kind: "resetFailed"; readonly call: ActiveCall }
  | { readonly kind: "timer"; readonly timer: SessionTimer }
  | { readonly kind: "retire" }
  | { readonly kind: "close" }
  | { readonly kind: "closed" };

/** Effect of a transition, which `Session` performs. */
export type SessionEffect =
  | { readonly do: "join" | "complete" | "reset"; readonly call: ActiveCall }
  /** Settles the cancel of a call for its caller: it was answered, or needs no answer. Has no effect the second time. */
  | { readonly do: "settle"; readonly call: CancelTarget }
  | { readonly do: "deliver"; readonly call: ActiveCall; readonly message: WireMessage }
  | { readonly do: "accept"; readonly call: ActiveCall; readonly eventId: string }
  | { readonly do: "fail"; readonly call: ActiveCall; readonly error: unknown }
  | { readonly do: "open" | "close"; readonly link: Link }
  /** Aborts the request that removes the call from the queue, if it is under way. */
  | { readonly do: "abortCancel"; readonly call: CancelTarget }
  /** Sends one cancel for each call; `fnIndex` -1 removes them from the queue and stops no task. */
  | { readonly do: "cancel"; readonly calls: readonly CancelTarget[]; readonly fnIndex: number }
  | { readonly do: "arm"; readonly timer: SessionTimer; readonly delay: number }
  | { readonly do: "disarm"; readonly timer: "hold" | "grace" | "doubt" }
  | { readonly do: "report"; readonly state: "idle" | "connecting" | "open" | "lost" }
  | { readonly do: "startHeartbeat" | "endHeartbeat" | "end" };

/** One transition: the state, the time of its input, and the effects so far. */
export interface Step {
  readonly state: SessionState;
  readonly now: number;
  readonly effects: SessionEffect[];
}

/** Returns the connection that is read; `null` without a connection. */
export function linkOf({ stream }: SessionState): Link | null {
  return stream.link ?? null;
}
