import { CancelledError, ProtocolError } from "../errors.ts";
import type { WireMessage } from "../wire/messages.ts";
import { type ActiveCall, anyLive, isLive, isQueued, isUnproven, lost, stopped } from "./active-call.ts";
import { type PendingLimits, PendingMessages } from "./pending-messages.ts";
import type { EndCause } from "./protocol.ts";
import {
  flushCancels,
  onCancelAnswered,
  onFirstMessageTimer,
  onLeavingTimer,
  onSiblingTimer,
  removeCancel,
  requestCancel,
} from "./session-cancels.ts";
import {
  type Link,
  linkOf,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  type SessionTimer,
  type SessionTraits,
  type Step,
} from "./session-record.ts";
import {
  deliver,
  disconnect,
  drop,
  failCall,
  giveUp,
  listen,
  onEnded,
  onMessage,
  onOpened,
  onOpenFailed,
  tidy,
} from "./session-stream.ts";
import { DOUBT, EXPIRY, GOODBYE, LIVENESS, PATIENCE, sweepAfter } from "./timings.ts";

/**
 * Creates the state of a session that has sent nothing.
 *
 * @param limits - limits for messages that are kept for joins under way.
 */
export function newSessionState(traits: SessionTraits, limits: PendingLimits): SessionState {
  return {
    traits,
    stream: { kind: "idle", known: false },
    held: new Set(),
    calls: new Set(),
    byId: new Map(),
    cancels: new Map(),
    parting: new Set(),
    pending: new PendingMessages(limits),
    orphans: [],
    standing: "current",
    hasLostCalls: false,
    leftAt: -Infinity,
    freedAt: new Map(),
    latency: 0,
    holdUntil: null,
  };
}

/**
 * Changes a session by one input. ARCHITECTURE.md prints the transitions of its stream.
 *
 * @param now - time of the input, as all times of the state by `performance.now()`.
 * @returns the effects, in the order in which they must be performed.
 */
export function transition(state: SessionState, input: SessionInput, now: number): SessionEffect[] {
  const step: Step = { state, now, effects: [] };
  if (state.stream.kind === "sweeping" && now >= sweptAt(state)) state.stream = { kind: "idle", known: false };
  apply(step, input);
  release(step);
  const { stream, calls } = state;
  if (stream.kind === "open" && calls.size === 0) state.stream = { ...stream, kind: "lingering" };
  else if (stream.kind === "lingering" && calls.size > 0) state.stream = { ...stream, kind: "open" };
  return step.effects;
}

/**
 * Returns the call of a message that changes nothing else: an output of a running call on an open stream. It replaces
 * {@link transition} for most messages, and creates no list of effects.
 */
export function receiverOf(state: SessionState, link: Link, message: WireMessage, now: number): ActiveCall | null {
  const { stream } = state;
  if (message.kind !== "process_generating" || stream.kind !== "open" || stream.link !== link) return null;
  const call = state.byId.get(message.eventId);
  const isPlain = call?.phase === "running" && isLive(call) && state.cancels.size === 0;
  if (!isPlain) return null;
  call.lastMessage = now;
  return call;
}

/** Returns the time of the last byte on the call's stream; `null` while the call has no stream. */
export function lastActivityOf(state: SessionState, call: ActiveCall): number | null {
  if (call.phase === "held" || call.phase === "joining") return null;
  return call.mayBeStopped ? call.lastMessage : (linkOf(state)?.lastByte ?? call.lastMessage);
}

/** Whether the session has no call, no connection, and nothing to wait for. */
export function isIdle(state: SessionState): boolean {
  return state.calls.size + state.held.size + state.parting.size === 0 && linkOf(state) === null;
}

function apply(step: Step, input: SessionInput): void {
  const { state, effects } = step;
  switch (input.kind) {
    case "submit":
      return onSubmit(step, input.call);
    case "joined":
      return onJoined(step, input.call, input.eventId, input.took);
    case "joinFailed":
      return onJoinFailed(step, input.call, input.error);
    case "opened":
      return onOpened(step, input.link);
    case "openFailed":
      return onOpenFailed(step, input.link, input.error);
    case "message":
      return input.link === linkOf(state) ? onMessage(step, input.link, input.message, input.text) : undefined;
    case "ended":
      if (input.link === linkOf(state)) return onEnded(step, input.error);
      state.parting.delete(input.link);
      return undefined;
    case "left":
      return onLeft(step, input.call, input.why);
    case "cancelAnswered":
      for (const call of onCancelAnswered(step, input.calls, input.fnIndex))
        effects.push({ do: "arm", timer: { name: "expiry", call }, delay: EXPIRY });
      return undefined;
    case "resetFailed":
      // The next message of the call sends another one.
      input.call.reader = "left";
      return undefined;
    case "timer":
      return onTimer(step, input.timer);
    case "retire":
      if (state.standing === "current") state.standing = "retired";
      return tidy(step);
    case "close":
      return onClose(step);
    case "closed":
      return onClosed(step);
  }
}

// Calls on their way to the app

/**
 * Returns the time until which calls must not be sent, because of the sweep of the session or the end of the stream. `Infinity` while the
 * stream is doubted: then a message or the timer decides.
 */
function heldUntil(state: SessionState): number {
  if (state.standing === "closing") return -Infinity;
  const swept = sweptAt(state);
  const { stream, calls, freedAt } = state;
  if (!stream.link) return swept;
  if (stream.kind === "doubted" && stream.holds) return Infinity;
  if (calls.size > 0) return swept;
  const lastEnd = Math.max(...freedAt.values());
  return Math.max(swept, lastEnd + GOODBYE);
}

function sweptAt({ leftAt, latency }: SessionState): number {
  return leftAt + sweepAfter(latency);
}

function onSubmit({ state, effects }: Step, call: ActiveCall): void {
  if (state.stream.kind === "closed") failCall(effects, call, new CancelledError("The client is closed."));
  else state.held.add(call);
}

/** Sends the held calls whose time has come. */
function release(step: Step): void {
  const { state, now, effects } = step;
  let until = -Infinity;
  for (const call of state.held) {
    const time = heldUntil(state);
    if (now < time) until = time === Infinity ? until : time;
    else if (state.cancels.get(call.call.fnIndex)?.kind !== "travelling") send(step, call);
  }
  if (until === (state.holdUntil ?? -Infinity)) return;
  state.holdUntil = until === -Infinity ? null : until;
  if (state.holdUntil === null) effects.push({ do: "disarm", timer: "hold" });
  else effects.push({ do: "arm", timer: { name: "hold" }, delay: until - now });
}

function send(step: Step, call: ActiveCall): void {
  const { state, effects } = step;
  state.held.delete(call);
  state.calls.add(call);
  call.phase = "joining";
  effects.push({ do: "startHeartbeat" }, { do: "disarm", timer: "grace" });
  // The join and the stream are requested together, which saves one round trip.
  if (state.stream.kind === "idle" && state.stream.known) listen(step, true);
  effects.push({ do: "join", call });
}

function onJoined(step: Step, call: ActiveCall, eventId: string, took: number): void {
  const { state, effects, now } = step;
  if (!state.calls.has(call)) return;
  state.latency = Math.max(took, state.latency / 2);
  if (state.byId.has(eventId))
    return onJoinFailed(step, call, new ProtocolError("The app gave two calls the same id."));
  state.byId.set(eventId, call);
  call.phase = "accepted";
  call.lastMessage = now;
  call.eventId = eventId;
  if (isLive(call)) effects.push({ do: "accept", call, eventId });
  for (const message of state.pending.take(eventId)) deliver(step, call, message);
  if (state.byId.has(eventId)) {
    if (state.standing !== "closing") listen(step);
    if (!isLive(call)) requestCancel(step, call);
  }
  endJoin(step);
}

function onJoinFailed(step: Step, call: ActiveCall, error: unknown): void {
  if (!step.state.calls.has(call)) return;
  drop(step, call);
  failCall(step.effects, call, error);
  endJoin(step);
}

/** Drops the kept messages after the last pending join: they belong to no call. */
function endJoin(step: Step): void {
  const { calls, pending } = step.state;
  if (!Array.from(calls).some(({ phase }) => phase === "joining")) pending.clear();
  tidy(step);
}

// The ends of calls

function onLeft(step: Step, call: ActiveCall, why: EndCause): void {
  const { state, effects } = step;
  state.held.delete(call);
  if (call.phase === "over" || call.phase === "held" || !state.calls.has(call)) return;
  call.reader = "left";
  const { cancels } = state.traits;
  requestCancel(step, call);
  // The call no longer delays the cancels of its siblings.
  flushCancels(step, call.call.fnIndex);
  const { stream } = state;
  if (!anyLive(state.calls)) {
    // Before 4.31 only the end of the stream removes a waiting call from the queue; no other call may be on it.
    if (why === "idle" || !cancels) giveUp(step);
    else if (stream.link && call.phase !== "joining") {
      state.stream = { ...stream, kind: "doubted", holds: why === "late", final: false };
      effects.push({ do: "arm", timer: { name: "doubt" }, delay: LIVENESS });
    }
  }
  if (!cancels) removeCancel(step, call);
  tidy(step);
}

function onTimer(step: Step, timer: SessionTimer): void {
  const { state, effects } = step;
  switch (timer.name) {
    case "hold":
      state.holdUntil = null;
      return undefined;
    case "grace":
      return state.calls.size === 0 ? disconnect(step, "idle") : undefined;
    case "doubt":
      return onDoubtTimer(step);
    case "parting":
      if (state.parting.delete(timer.link)) effects.push({ do: "close", link: timer.link });
      return undefined;
    case "silence":
      for (const call of timer.calls) if (isUnproven(call)) failCall(effects, call, lost(call));
      return undefined;
    case "expiry":
      for (const call of state.calls) if (call === timer.call && !isLive(call)) drop(step, call);
      return tidy(step);
    case "firstMessage":
      return onFirstMessageTimer(step, timer.call);
    case "leaving":
      return onLeavingTimer(step, timer.call);
    case "suspect":
      return onSuspectTimer(step, timer.call);
    case "sibling":
      return onSiblingTimer(step, timer.fnIndex);
  }
}

/** Fails a call that a cancel may have stopped, after a long silence. Before, it cannot be distinguished from a call that runs in silence. */
function onSuspectTimer({ now, effects }: Step, call: ActiveCall): void {
  const left = call.lastMessage + PATIENCE - now;
  if (call.phase === "over" || !isLive(call)) return;
  if (left > 0) effects.push({ do: "arm", timer: { name: "suspect", call }, delay: left });
  else failCall(effects, call, stopped(call));
}

function onDoubtTimer(step: Step): void {
  const { state, effects } = step;
  const { stream } = state;
  if (stream.kind !== "doubted") return;
  if (stream.final) onEnded(step, undefined);
  else if (!anyLive(state.calls)) giveUp(step);
  else {
    state.stream = { ...stream, final: true };
    effects.push({ do: "arm", timer: { name: "doubt" }, delay: DOUBT });
  }
}

/** Cancels every call, without regard to siblings. */
function onClose(step: Step): void {
  const { state } = step;
  state.standing = "closing";
  // The end of the stream removes waiting calls from the queue.
  for (const call of state.calls) if (!isQueued(call) || !linkOf(state)) requestCancel(step, call);
}

function onClosed(step: Step): void {
  const { state, effects } = step;
  state.standing = "closing";
  disconnect(step, "idle");
  for (const link of state.parting) effects.push({ do: "close", link });
  for (const call of state.calls) {
    call.phase = "over";
    effects.push({ do: "settle", call });
  }
  for (const call of state.held) failCall(effects, call, new CancelledError("The client is closed."));
  for (const all of [state.parting, state.calls, state.held, state.byId, state.cancels]) all.clear();
  state.stream = { kind: "closed" };
  effects.push({ do: "endHeartbeat" }, { do: "end" });
}
