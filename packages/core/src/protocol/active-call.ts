import type { Observer } from "rxjs";
import { ConnectionError, GradioError, SessionLostError, TimeoutError } from "../errors.ts";
import type { WireMessage } from "../wire/messages.ts";
import type { PreparedCall, ProtocolMessage } from "./protocol.ts";
import { PATIENCE, startingAfter, UNHEARD } from "./timings.ts";

/** Phase of a call at the app. */
export type CallPhase =
  /** Not sent. */
  | "held"
  /** Sent, without an id. */
  | "joining"
  /** Accepted, without a message. */
  | "accepted"
  /** In the queue, with other calls before it. */
  | "queued"
  /** In the queue, and the next one to start. */
  | "next"
  /** Said to start. */
  | "started"
  /** A message has come that the app sends only while it runs the call. */
  | "running"
  /** Ended. */
  | "over";

/** One call of a session: its phase at the app, and its reader. */
export interface ActiveCall {
  readonly call: PreparedCall;
  /** Receives the call's messages. Used by `Session` alone. */
  readonly observer: Observer<ProtocolMessage>;
  phase: CallPhase;
  /** The app's id; `null` until the join is answered. */
  eventId: string | null;
  /**
   * `left`: the call has no reader. `leaving`: it is removed from the queue when a timer fires. `cancelling`: its removal from the queue, or
   * its reset, was sent.
   */
  reader: "reading" | "left" | "leaving" | "cancelling";
  /** Whether the call joined while the app may have swept the session: it may have been dropped. */
  mayBeDropped: boolean;
  /** Time of the call's last message, or of its acceptance. Of the messages with a place behind other calls, only the first one counts. */
  lastMessage: number;
  /** Whether a cancel meant for a sibling may have stopped the call: then only its own messages show that it runs. */
  mayBeStopped: boolean;
}

/** The parts of a call that its cancel needs. Of a lost call only these are kept; its data and its reader are released. */
export interface CancelTarget {
  readonly call: Pick<PreparedCall, "fnIndex" | "headers">;
  readonly eventId: string | null;
  readonly phase: CallPhase;
}

/** Creates a call that was not sent. */
export function activeCall(call: PreparedCall, observer: Observer<ProtocolMessage>): ActiveCall {
  return {
    call,
    observer,
    phase: "held",
    eventId: null,
    reader: "reading",
    mayBeDropped: false,
    lastMessage: 0,
    mayBeStopped: false,
  };
}

/** Whether the call has a reader. */
export function isLive({ reader }: ActiveCall): boolean {
  return reader === "reading";
}

/** Whether the function of the call has started, and has not ended. */
export function hasStarted({ phase }: Pick<ActiveCall, "phase">): boolean {
  return phase === "started" || phase === "running";
}

/** Whether the call waits in the app's queue. */
export function isQueued({ phase }: Pick<ActiveCall, "phase">): boolean {
  return phase === "queued" || phase === "next";
}

/** Whether the app accepted the call, and no message proves that it runs or has run: it may have dropped it. */
export function isUnproven(call: ActiveCall): boolean {
  return call.phase === "accepted" || call.phase === "started" || isQueued(call);
}

/** Whether one of the calls has a reader. */
export function anyLive(calls: Iterable<ActiveCall>): boolean {
  for (const call of calls) if (isLive(call)) return true;
  return false;
}

/** Whether all calls are cancelled and still in the queue. The end of their stream removes them from it. */
export function onlyWaiting(calls: Iterable<ActiveCall>): boolean {
  for (const call of calls) if (isLive(call) || !isQueued(call)) return false;
  return true;
}

/** Facts of a session that show which of its queued calls may be starting. */
export interface StartingFacts {
  /** Time at which the last call of each function ended: its place may have gone to a queued call. */
  readonly freedAt: ReadonlyMap<number, number>;
  /** Time that the app took to accept recent calls. */
  readonly latency: number;
}

/** Whether the app may be running a call that was sent: then a cancel meant for a sibling could stop it. */
export function mayRun(facts: StartingFacts, call: ActiveCall, now: number): boolean {
  return !isQueued(call) || now < startsUntil(facts, call);
}

/** Returns the time until which a queued call may be starting: after the app has sent its position, or a call of its function has ended. */
export function startsUntil({ freedAt, latency }: StartingFacts, { call, lastMessage }: ActiveCall): number {
  return Math.max(lastMessage, freedAt.get(call.fnIndex) ?? -Infinity) + startingAfter(latency);
}

/** Updates a call with one of its messages. */
export function receive(call: ActiveCall, message: WireMessage, now: number): void {
  const phase = nextPhase(call.phase, message);
  // The app sends the position of a call behind others repeatedly. The time since the first message shows that the call is not starting.
  if (phase !== "queued" || call.phase !== "queued") call.lastMessage = now;
  call.phase = phase;
}

function nextPhase(phase: CallPhase, message: WireMessage): CallPhase {
  const { kind } = message;
  if (kind === "process_completed" || kind === "unexpected_error") return "over";
  // An estimation and a start may have been sent before the app dropped the call. An estimation after the start is late.
  if (kind === "estimation") return hasStarted({ phase }) ? phase : (message.rank ?? 0) > 0 ? "queued" : "next";
  if (kind === "process_starts") return phase === "running" ? phase : "started";
  return "running";
}

/** Returns accepted calls that have no message although the app sent a heartbeat, which it sends after the first message of a call. */
export function unheard(calls: Iterable<ActiveCall>, now: number): ActiveCall[] {
  return Array.from(calls).filter(({ phase, lastMessage }) => phase === "accepted" && lastMessage <= now - UNHEARD);
}

/** Creates the error of a call that receives no messages although its stream works. */
export function readElsewhere({ call }: ActiveCall): SessionLostError {
  return new SessionLostError(
    `No message of ${call.endpoint} arrived within ${UNHEARD / 1_000} s, although the app sends heartbeats. Another client with the same ` +
      "sessionHash may be receiving them, or the app has dropped the session. Use one client for each session.",
  );
}

/** Creates the error of a call that a cancel meant for a sibling may have stopped. */
export function stopped({ call }: ActiveCall): TimeoutError {
  const message = `${call.endpoint} has sent nothing for ${PATIENCE / 60_000} minutes. The cancel of another call may have stopped it.`;
  return new TimeoutError(message, { kind: "idle" });
}

/** Creates the error of a call whose stream was closed by the app. */
export function closedByApp({ call }: ActiveCall): ConnectionError {
  return new ConnectionError(`The app closed the event stream before ${call.endpoint} had ended.`, { accepted: true });
}

/** Creates the error of a call whose stream was lost. */
export function lost({ call, eventId }: ActiveCall, cause?: unknown): ConnectionError {
  const status = cause instanceof GradioError ? cause.status : undefined;
  return lostConnection(call.endpoint, eventId === null ? null : true, { status, cause });
}

/**
 * Creates the error of a call whose connection ended before the call.
 *
 * @param accepted - whether the app has the call's data; `null` where that is unknown.
 */
export function lostConnection(
  endpoint: string,
  accepted: boolean | null,
  { status, cause }: { status: number | undefined; cause: unknown },
): ConnectionError {
  const known = {
    true: "the app had accepted the call",
    false: "the app had not accepted the call",
    null: "whether the app had accepted the call is unknown",
  }[`${accepted}`];
  const remedy = accepted === false ? "Call it again." : "If it may run twice, call it again, or pass resubmit: true.";
  const message = `The connection was lost before ${endpoint} had ended; ${known}. ${remedy}`;
  return new ConnectionError(message, { accepted, status, ...(cause === undefined ? {} : { cause }) });
}
