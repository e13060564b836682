import type { WireMessage } from "../wire/messages.ts";
import {
  type ActiveCall,
  type CancelTarget,
  hasStarted,
  isLive,
  isQueued,
  mayRun,
  startsUntil,
} from "./active-call.ts";
import type { SessionState, Step } from "./session-record.ts";
import { FIRST_MESSAGE, PATIENCE, startingAfter } from "./timings.ts";

// The cancels of a session, so that no sibling is stopped. Gradio's cancel stops every running task of the function in the session,
// regardless of the event id (PROTOCOL.md, 5.1). So the cancel of a running call waits until no sibling of its function may be running; and
// while it travels, new calls of the function are held. A queued call is cancelled in the same way if no sibling would be stopped;
// else with a function index that fits no task. That index restarts a generator which starts before the cancel arrives, so it is
// never used for a call that may be running, such as a lost one; and if the call starts while the request is on its way, the request is
// aborted.

/** Function index of no task: the app removes the event from its queue, and stops no task. */
const NO_TASK = -1;

/** Cancels a call without a reader, where its phase allows it. Called again when its phase changes. */
export function requestCancel(step: Step, call: ActiveCall): void {
  const { state, effects } = step;
  const { cancels, dequeues } = state.traits;
  const { phase } = call;
  if (!cancels) resetCall(step, call);
  else if (phase === "over") settle(step, call);
  else if (isQueued(call) || (phase === "accepted" && state.standing !== "closing")) {
    // A call that cannot be removed from the queue is stopped when it starts.
    if (!dequeues) settle(step, call);
    else if (phase !== "accepted") cancelQueued(step, call);
    // The first message shows whether the call is queued or running. It arrives at once, if the stream works.
    else effects.push({ do: "arm", timer: { name: "firstMessage", call }, delay: FIRST_MESSAGE });
  } else if (call.eventId !== null) {
    // The removal from the queue may arrive while the call runs, and would restart a generator.
    if (call.reader === "cancelling" && hasStarted(call)) {
      call.reader = "left";
      effects.push({ do: "abortCancel", call });
    }
    append(step, call);
  }
}

/** Cancels calls that were lost, while a reader is connected. */
export function cancelOrphans(step: Step): void {
  for (const orphan of step.state.orphans.splice(0)) append(step, orphan);
}

/**
 * Appends a call to the cancels of its function, and sends them if no sibling would be stopped. Every call of an entry that waits has been
 * settled.
 */
function append(step: Step, call: CancelTarget): void {
  const { cancels } = step.state;
  const { fnIndex } = call.call;
  const entry = cancels.get(fnIndex);
  if (!entry) cancels.set(fnIndex, { kind: "waiting", calls: new Set([call]), recheck: false });
  else if (entry.kind === "waiting" || !entry.sent.has(call)) entry.calls.add(call);
  flushCancels(step, fnIndex);
  settleWaiting(step, call);
}

/** Settles the cancel of a call for its caller. */
function settle({ effects }: Step, call: CancelTarget): void {
  effects.push({ do: "settle", call });
}

/** Settles a cancel that waits for siblings: the caller does not wait for these. */
function settleWaiting(step: Step, call: CancelTarget): void {
  const entry = step.state.cancels.get(call.call.fnIndex);
  if (entry?.kind === "waiting" && entry.calls.has(call)) settle(step, call);
}

/** Cancels a call that has received no message in time. */
export function onFirstMessageTimer(step: Step, call: ActiveCall): void {
  if (call.phase === "accepted") cancelQueued(step, call);
}

function cancelQueued(step: Step, call: ActiveCall): void {
  if (call.reader !== "left") return;
  const { fnIndex } = call.call;
  // An answer on its way may free the place that the call waits for: it may be starting.
  const isTravelling = step.state.cancels.get(fnIndex)?.kind === "travelling";
  if (isTravelling || !siblingAtRisk(step, fnIndex)) append(step, call);
  else removeFromQueue(step, call);
}

/** Removes a call from the queue, as soon as it is not about to start. If it starts before, its message requests the true cancel. */
function removeFromQueue({ state, now, effects }: Step, call: ActiveCall): void {
  if (call.reader !== "left") return;
  const delay = removalDelay(state, call, now);
  call.reader = delay > 0 ? "leaving" : "cancelling";
  if (delay > 0) effects.push({ do: "arm", timer: { name: "leaving", call }, delay });
  else effects.push({ do: "cancel", calls: [call], fnIndex: NO_TASK });
}

/** Returns the time until a call is certainly not starting; 0 or less where that is certain now. */
function removalDelay(state: SessionState, call: ActiveCall, now: number): number {
  // Until the stream is open, the start of the call is not known.
  if (call.phase === "accepted" && state.stream.kind === "connecting") return FIRST_MESSAGE;
  // A place that becomes free goes to the calls before it. A function without a limit starts all of its calls at once.
  if (call.phase === "queued") return call.lastMessage + startingAfter(state.latency) - now;
  return startsUntil(state, call) - now;
}

/** Cancels a call that was about to start, and has not started. */
export function onLeavingTimer(step: Step, call: ActiveCall): void {
  if (call.reader !== "leaving" || hasStarted(call) || call.phase === "over") return;
  call.reader = "left";
  cancelQueued(step, call);
}

/** Stops a running generator by its id, as an app before 4.31 requires. */
function resetCall(step: Step, call: ActiveCall): void {
  if (hasStarted(call) && call.reader !== "cancelling") {
    call.reader = "cancelling";
    step.effects.push({ do: "reset", call });
  }
  settle(step, call);
}

/** Sends the cancels of a function that waited for siblings, if no sibling may be running. */
export function flushCancels(step: Step, fnIndex: number): void {
  const { state, effects } = step;
  const entry = state.cancels.get(fnIndex);
  if (!entry || entry.kind === "travelling") return;
  if (entry.calls.size === 0) {
    state.cancels.delete(fnIndex);
    return;
  }
  // The cancel of lost calls is not urgent: it waits for every sibling, also for those in the queue.
  const areLost = Array.from(entry.calls).every(({ phase }) => phase === "over");
  const sibling = state.standing === "closing" ? undefined : siblingAtRisk(step, fnIndex, areLost);
  if (!sibling) {
    state.cancels.set(fnIndex, { kind: "travelling", calls: new Set(), sent: entry.calls });
    effects.push({ do: "cancel", calls: Array.from(entry.calls), fnIndex });
    return;
  }
  for (const call of state.calls) {
    const mayLeave = isQueued(call) || call.phase === "accepted";
    if (mayLeave && entry.calls.delete(call)) removeFromQueue(step, call);
  }
  if (entry.calls.size === 0) {
    state.cancels.delete(fnIndex);
    return;
  }
  // If the sibling does not start, no message arrives, so a timer checks again.
  if (areLost || !isQueued(sibling) || entry.recheck) return;
  state.cancels.set(fnIndex, { ...entry, recheck: true });
  effects.push({ do: "arm", timer: { name: "sibling", fnIndex }, delay: startingAfter(state.latency) });
}

/** Checks again whether the cancels of a function can be sent. */
export function onSiblingTimer(step: Step, fnIndex: number): void {
  const entry = step.state.cancels.get(fnIndex);
  if (entry?.kind === "waiting") step.state.cancels.set(fnIndex, { ...entry, recheck: false });
  flushCancels(step, fnIndex);
}

/**
 * Returns a call with a reader that the cancel of this function would stop.
 *
 * @param evenQueued - whether calls count that wait in the queue, and are not starting.
 */
function siblingAtRisk({ state, now }: Step, fnIndex: number, evenQueued = false): ActiveCall | undefined {
  for (const call of state.calls)
    if (isLive(call) && call.call.fnIndex === fnIndex && (evenQueued || mayRun(state, call, now))) return call;
  return undefined;
}

/** Updates the pending cancels with a message of a call of their function. */
export function onCancelMessage({ state, effects }: Step, call: ActiveCall, message: WireMessage): void {
  const entry = state.cancels.get(call.call.fnIndex);
  if (entry?.kind !== "travelling") return;
  // A call that starts while a cancel travels may be stopped by it, unless the cancel has had its effect before.
  if (message.kind === "process_starts" && entry.sent.size > 0 && isLive(call)) {
    call.mayBeStopped = true;
    effects.push({ do: "arm", timer: { name: "suspect", call }, delay: PATIENCE });
  }
  const byCancel = message.kind === "process_completed" && !message.failure && message.output.data === null;
  if (byCancel) entry.sent.delete(call);
}

/** Removes a call that has ended from the waiting cancels. */
export function removeCancel(step: Step, call: ActiveCall): void {
  step.state.cancels.get(call.call.fnIndex)?.calls.delete(call);
  settle(step, call);
  flushCancels(step, call.call.fnIndex);
}

/**
 * Handles the answer to cancels; returns the calls that the app should end now.
 *
 * @param fnIndex - as it was sent.
 */
export function onCancelAnswered(step: Step, calls: readonly CancelTarget[], fnIndex: number): readonly CancelTarget[] {
  const { state } = step;
  // A start may have crossed the removal from the queue; then its own message has requested the true cancel.
  const ended = fnIndex === NO_TASK ? calls.filter((call) => !hasStarted(call)) : calls;
  for (const call of ended) settle(step, call);
  const entry = state.cancels.get(fnIndex);
  if (fnIndex !== NO_TASK && entry?.kind === "travelling") {
    state.cancels.set(fnIndex, { kind: "waiting", calls: entry.calls, recheck: false });
    flushCancels(step, fnIndex);
    for (const call of entry.calls) settleWaiting(step, call);
  }
  return ended;
}
