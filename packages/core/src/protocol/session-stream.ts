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
import {
  type ActiveCall,
  closedByApp,
  isLive,
  lost,
  onlyWaiting,
  readElsewhere,
  receive,
  unheard,
} from "./active-call.ts";
import { cancelOrphans, flushCancels, onCancelMessage, removeCancel, requestCancel } from "./session-cancels.ts";
import { type Link, linkOf, type SessionEffect, type Step } from "./session-record.ts";
import { DOUBT, GRACE, PARTING_GRACE } from "./timings.ts";

// The event stream of a session (PROTOCOL.md, 2.5): the inputs that it brings, and the steps that all inputs share: how it is opened
// and left, and how its calls end.

/** Handles the beginning of the stream's response. */
export function onOpened(step: Step, link: Link): void {
  const { state, effects } = step;
  const { stream } = state;
  if (stream.link !== link) return;
  if (stream.kind === "connecting") state.stream = { ...stream, kind: "open" };
  cancelOrphans(step);
  effects.push({ do: "report", state: "open" });
  if (stream.repeated) armSilence(step);
}

/** Handles a message of the stream. */
export function onMessage(step: Step, link: Link, message: WireMessage, text: string): void {
  const { state } = step;
  if (state.stream.kind === "doubted") {
    const { ahead, repeated } = state.stream;
    state.stream = { kind: "open", link, ahead, repeated };
    step.effects.push({ do: "disarm", timer: "doubt" });
  }
  if (message.kind === "heartbeat") return fail(step, unheard(state.calls, step.now), readElsewhere);
  if (message.kind === "close_stream") return onCloseStream(step, link);
  if (message.kind === "unexpected_error" && message.eventId === null) return onUnexpectedError(step, message);
  if (!("eventId" in message) || message.eventId === null) return;
  if (state.stream.ahead) state.stream = { ...state.stream, ahead: false };
  const call = state.byId.get(message.eventId);
  if (call) return deliver(step, call, message);
  const joining = Array.from(state.calls).filter(({ phase }) => phase === "joining");
  if (joining.length === 0 || state.pending.keep(message.eventId, message, text)) return;
  // Which of these calls the dropped messages belong to is unknown.
  const error = new ProtocolError("The app sent too many messages of calls that it has not yet confirmed.");
  for (const each of joining) failCall(step.effects, each, copyError(error));
}

/** Delivers a message to its call, and ends the call with its last message. */
export function deliver(step: Step, call: ActiveCall, message: WireMessage): void {
  const { state, effects } = step;
  const before = call.phase;
  if (before === "over") return;
  receive(call, message, linkOf(state)?.lastByte ?? step.now);
  const isOver = call.phase === "over";
  if (isLive(call)) {
    effects.push({ do: "deliver", call, message });
    if (isOver) effects.push({ do: "complete", call });
    else if (state.cancels.size === 0) return;
  }
  onCancelMessage(step, call, message);
  if (isOver) remove(step, call);
  else if (!isLive(call)) requestCancel(step, call);
  if (call.phase !== before) flushCancels(step, call.call.fnIndex);
  tidy(step);
}

/**
 * Handles `close_stream`: for the app, no call of the session is pending. A call that has received messages and has not ended is lost. A call
 * without messages was accepted after the app had decided to close, and needs another stream.
 */
function onCloseStream(step: Step, link: Link): void {
  const { state, effects } = step;
  const accepted = Array.from(state.byId.values());
  // For a call that lost a stream before, no third stream is opened.
  const ended = accepted.filter(({ phase, mayBeDropped }) => phase !== "accepted" || mayBeDropped);
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
function onUnexpectedError(step: Step, message: WireMessage & { kind: "unexpected_error" }): void {
  const { state } = step;
  const { stream } = state;
  const { sessionNotFound } = message;
  // The app had dropped the session before the stream arrived ahead of its call. Calls accepted later need another stream.
  if (sessionNotFound && stream.ahead) {
    disconnect(step, "idle", false);
    if (state.byId.size > 0) listen(step);
    return;
  }
  const accepted = Array.from(state.byId.values());
  disconnect(step, "idle");
  // Calls that were accepted on an earlier stream were lost with it; after a repeated request, all calls were lost.
  fail(
    step,
    sessionNotFound ? accepted.filter(({ mayBeDropped }) => mayBeDropped || stream.repeated) : [],
    closedByApp,
  );
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
  const { stream } = state;
  const calls = Array.from(state.calls);
  if (state.byId.size === 0) {
    disconnect(step, "idle", error !== undefined);
    if (error === undefined && !stream.ahead) return;
    // The app may sweep a call that joins now.
    for (const call of calls) call.mayBeDropped = true;
    armSilence(step);
    return;
  }
  disconnect(step, "lost");
  const isTyped = error instanceof GradioError && typedEnds.some((Class) => error instanceof Class);
  fail(step, calls, (call) => (isTyped ? copyError(error) : lost(call, error)));
}

/** Arms a timer for calls that the app may have dropped. A call that receives no proof that it runs fails, because a dropped call is silent. */
function armSilence({ state, effects }: Step): void {
  if (state.calls.size === 0) return;
  effects.push({ do: "arm", timer: { name: "silence", calls: Array.from(state.calls) }, delay: DOUBT });
}

/** Handles a request of the stream that failed and is sent again. */
export function onOpenFailed({ state }: Step, link: Link, error: unknown): void {
  const { stream } = state;
  if (stream.link === link && mayHaveBeenSeen(error)) state.stream = { ...stream, repeated: true };
}

/** Whether a request that failed may have reached the app. A server that answered with a status has seen no reader of the session. */
function mayHaveBeenSeen(error: unknown): boolean {
  const hasStatus = error instanceof GradioError && error.status !== undefined;
  return !hasStatus && !(error instanceof ConnectionError && error.accepted === false);
}

// Steps that several inputs share

/** Opens the stream, unless it is open. */
export function listen({ state, now, effects }: Step, ahead = false): void {
  if (state.stream.kind === "closed" || linkOf(state)) return;
  const link: Link = { lastByte: now };
  state.stream = { kind: "connecting", link, ahead, repeated: false };
  effects.push({ do: "open", link }, { do: "report", state: "connecting" });
}

/**
 * Leaves the connection.
 *
 * @param unnoticed - whether the app does not know yet that the connection has ended; `false` where the app has ended it.
 */
export function disconnect({ state, now, effects }: Step, report: "idle" | "lost", unnoticed = true): void {
  const link = linkOf(state);
  if (!link) return;
  if (unnoticed) state.leftAt = now;
  state.stream = unnoticed ? { kind: "sweeping" } : { kind: "idle", known: false };
  effects.push({ do: "close", link }, { do: "report", state: report });
}

/** Leaves a stream that may be dead, with the calls on it, so that the next call does not depend on it. */
export function giveUp(step: Step): void {
  disconnect(step, "idle");
  for (const call of step.state.calls) if (call.phase !== "joining") drop(step, call);
}

/** Fails calls. Those that joined leave the session; the answer of a join under way may still bring an id to cancel. */
function fail(step: Step, calls: readonly ActiveCall[], errorOf: (call: ActiveCall) => GradioError): void {
  for (const call of calls) {
    if (call.phase !== "joining") drop(step, call);
    if (!isLive(call)) continue;
    step.state.hasLostCalls = true;
    failCall(step.effects, call, errorOf(call));
  }
  tidy(step);
}

/** Fails a call. Its reader's end follows as an input. */
export function failCall(effects: SessionEffect[], call: ActiveCall, error: unknown): void {
  if (!isLive(call)) return;
  call.reader = "left";
  effects.push({ do: "fail", call, error });
}

/** Removes a call that the app has not ended. */
export function drop(step: Step, call: ActiveCall): void {
  const { eventId } = call;
  const { fnIndex, headers } = call.call;
  if (eventId !== null && call.phase !== "over" && step.state.traits.cancels)
    step.state.orphans.push({ call: { fnIndex, headers }, eventId, phase: "over" });
  call.phase = "over";
  remove(step, call);
}

function remove(step: Step, call: ActiveCall): void {
  const { state, now } = step;
  state.calls.delete(call);
  state.freedAt.set(call.call.fnIndex, now);
  if (call.eventId !== null) {
    state.byId.delete(call.eventId);
    state.pending.forget(call.eventId);
  }
  removeCancel(step, call);
}

/** Closes connections that are not needed: the stream some time after its last call, and the heartbeat of a retired session. */
export function tidy(step: Step): void {
  const { state, effects } = step;
  if (state.calls.size > 0 && !state.traits.dequeues && onlyWaiting(state.calls)) giveUp(step);
  if (state.calls.size > 0) return;
  if (state.standing === "retired") effects.push({ do: "endHeartbeat" });
  if (linkOf(state)) effects.push({ do: "arm", timer: { name: "grace" }, delay: GRACE });
}
