import type { GradioError } from "../errors.ts";
import { type ActiveCall, isLive, onlyWaiting } from "./active-call.ts";
import { removeCancel } from "./session-cancels.ts";
import { type Link, linkOf, type SessionEffect, type Step } from "./session-record.ts";
import { GRACE } from "./timings.ts";

// The steps that several inputs of a session share: how its stream is opened and left, and how its calls end.

/** Opens the stream, unless it is open. */
export function listen({ state, now, effects }: Step, ahead = false): void {
  if (state.stream.kind === "closed" || linkOf(state)) return;
  const link: Link = { ahead, repeated: false, lastByte: now };
  state.stream = { kind: "connecting", link };
  effects.push({ do: "open", link }, { do: "report", state: "connecting" });
}

/**
 * Leaves the connection.
 *
 * @param unnoticed - whether the app has yet to notice; not where it ended the connection itself.
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
export function fail(step: Step, calls: readonly ActiveCall[], errorOf: (call: ActiveCall) => GradioError): void {
  for (const call of calls) {
    const error = isLive(call) ? errorOf(call) : null;
    if (call.phase !== "joining") drop(step, call);
    if (!error) continue;
    step.state.hasLostCalls = true;
    failCall(step.effects, call, error);
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

export function remove(step: Step, call: ActiveCall): void {
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
