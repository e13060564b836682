import {
  AuthenticationError,
  ConnectionError,
  copyError,
  GradioError,
  ProtocolError,
  SessionLostError,
  TimeoutError,
} from "../errors.ts";
import type { WireMessage } from "../wire/messages.ts";
import { type ActiveCall, closedByApp, isLive, lost, readElsewhere, receive, unheard } from "./active-call.ts";
import { cancelOrphans, flushCancels, onCancelMessage, requestCancel } from "./session-cancels.ts";
import { disconnect, fail, failCall, listen, remove, tidy } from "./session-lifecycle.ts";
import { type Link, linkOf, type Step } from "./session-record.ts";
import { DOUBT, PARTING_GRACE } from "./timings.ts";

// The inputs that a session's event stream brings (PROTOCOL.md, 2.5).

export function onOpened(step: Step, link: Link): void {
  const { state, effects } = step;
  const { stream } = state;
  if (link !== linkOf(state)) return;
  if (stream.kind === "connecting") state.stream = { kind: "open", link };
  cancelOrphans(step);
  effects.push({ do: "report", state: "open" });
  if (link.repeated) armSilence({ state, effects });
}

export function onMessage(step: Step, link: Link, message: WireMessage, text: string): void {
  const { state } = step;
  if (state.stream.kind === "doubted") {
    state.stream = { kind: "open", link };
    step.effects.push({ do: "disarm", timer: "doubt" });
  }
  if (message.kind === "heartbeat") return fail(step, unheard(state.calls, step.now), readElsewhere);
  if (message.kind === "close_stream") return onCloseStream(step, link);
  if (message.kind === "unexpected_error" && message.eventId === null) return onUnexpectedError(step, link, message);
  if (!("eventId" in message) || message.eventId === null) return;
  link.ahead = false;
  const call = state.byId.get(message.eventId);
  if (call) return deliver(step, call, message);
  const joining = Array.from(state.calls).filter(({ phase }) => phase === "joining");
  if (joining.length === 0 || state.pending.keep(message.eventId, message, text)) return;
  // Which of these calls the dropped messages belong to is unknown.
  const error = new ProtocolError("The app sent too many messages of calls that it has not yet confirmed.");
  for (const each of joining) failCall(step.effects, each, copyError(error));
}

export function deliver(step: Step, call: ActiveCall, message: WireMessage): void {
  const { state, effects } = step;
  if (call.phase === "over") return;
  receive(call, message, linkOf(state)?.lastByte ?? step.now);
  // `receive` may have ended the call.
  const isOver = (call.phase as ActiveCall["phase"]) === "over";
  if (isLive(call)) {
    effects.push({ do: "deliver", call, message });
    if (isOver) effects.push({ do: "complete", call });
    else if (state.cancels.size === 0) return;
  }
  onCancelMessage(step, call, message);
  if (isOver) remove(step, call);
  else if (!isLive(call)) requestCancel(step, call);
  flushCancels(step, call.call.fnIndex);
  tidy(step);
}

/**
 * Handles `close_stream`: for the app, no call of the session is pending. A call that has received messages and has not ended is lost. A call
 * without messages was accepted after the app had decided to close, and needs another stream.
 */
export function onCloseStream(step: Step, link: Link): void {
  const { state, effects } = step;
  const accepted = Array.from(state.byId.values());
  // For a call that lost a stream before, no third stream is opened.
  const ended = accepted.filter(({ delivery, mayBeDropped }) => delivery !== "none" || mayBeDropped);
  effects.push({ do: "disarm", timer: "grace" });
  // The app still has the calls that were dropped, and has to sweep them.
  if (ended.some(isLive)) disconnect(step, "lost");
  else {
    // The connection ends by itself: an abort could take the messages of a call that joins at this moment.
    state.parting.add(link);
    state.stream = { kind: "idle", known: state.traits.remembers };
    effects.push(
      { do: "arm", timer: { name: "parting", link }, delay: PARTING_GRACE },
      { do: "report", state: "idle" },
    );
  }
  for (const call of accepted) call.mayBeDropped = true;
  fail(step, ended, closedByApp);
  if (accepted.length > ended.length) listen(step);
}

/** Handles an error of the whole session. */
export function onUnexpectedError(step: Step, link: Link, message: WireMessage & { kind: "unexpected_error" }): void {
  const { state } = step;
  const { sessionNotFound } = message;
  // The app had dropped the session before the stream arrived ahead of its call. Calls accepted later need another stream.
  if (sessionNotFound && link.ahead) {
    disconnect(step, "idle", false);
    if (state.byId.size > 0) listen(step);
    return;
  }
  const accepted = Array.from(state.byId.values());
  disconnect(step, "idle");
  // Calls that were accepted on a former stream were lost with the one before; after a repeated request, all were.
  fail(step, sessionNotFound ? accepted.filter(({ mayBeDropped }) => mayBeDropped || link.repeated) : [], closedByApp);
  for (const call of accepted) deliver(step, call, message);
  fail(step, Array.from(state.calls), lost);
}

/** Errors of a stream that its calls fail with. Other ones are the cause of their loss. */
const typedEnds = [AuthenticationError, ProtocolError, SessionLostError, TimeoutError];

/**
 * Handles the end of the stream without `close_stream`. Before 4.22 a stream without calls ends in this way. Otherwise the stream is lost, with
 * every call that may have been on it, including pending joins.
 */
export function onEnded(step: Step, error: unknown): void {
  const { state } = step;
  const link = linkOf(state)!;
  const calls = Array.from(state.calls);
  if (state.byId.size === 0) {
    disconnect(step, "idle", error !== undefined);
    if (error === undefined && !link.ahead) return;
    // The app may sweep a call that joins now.
    for (const call of calls) call.mayBeDropped = true;
    armSilence(step);
    return;
  }
  disconnect(step, "lost");
  const isKnown = typedEnds.some((Class) => error instanceof Class);
  const known = isKnown && error instanceof GradioError ? error : undefined;
  fail(step, calls, (call) => (known ? copyError(known) : lost(call, error)));
}

/** Arms a timer for calls that the app may have dropped. A call that receives no proof that it runs fails, because a dropped call is silent. */
export function armSilence({ state, effects }: Pick<Step, "state" | "effects">): void {
  if (state.calls.size === 0) return;
  effects.push({ do: "arm", timer: { name: "silence", calls: Array.from(state.calls) }, delay: DOUBT });
}

export function mayHaveBeenSeen(error: unknown): boolean {
  const hasStatus = error instanceof GradioError && error.status !== undefined;
  return !hasStatus && !(error instanceof ConnectionError && error.accepted === false);
}
