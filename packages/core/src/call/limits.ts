import { identity, type MonoTypeOperatorFunction, tap, using } from "rxjs";
import { TimeoutError, type TimeoutKind } from "../errors.ts";
import { CallEnd } from "../protocol/protocol.ts";
import { SilenceClock } from "../protocol/silence.ts";
import { LATE, READING } from "../protocol/timings.ts";
import { LONGEST_DELAY } from "../timers.ts";
import type { CallEvent } from "./messages.ts";

/** Time limits of one call, in milliseconds; `undefined` and `Infinity` mean no limit. */
export interface Limits {
  timeout?: number | undefined;
  startTimeout?: number | undefined;
  idleTimeout?: number | undefined;
}

/**
 * Ends a call that takes too long: as a whole, from the app's acceptance to the start, or in silence. The controller is
 * aborted with a `TimeoutError` of kind `"call"`, `"start"` or `"idle"`, which fails the pipeline and cancels the call at
 * the app.
 *
 * The timers are a resource of the subscription. RxJS's `timeout({ each })` would restart a timer with each event, which
 * costs a sixth of an event.
 *
 * @param end - controller of the call.
 * @param lastActivity - returns the time of the last sign of life, by `performance.now()`; `null` before there is a stream.
 */
export function limits(
  { timeout = Infinity, startTimeout = Infinity, idleTimeout = Infinity }: Limits,
  end: AbortController,
  lastActivity: () => number | null,
): MonoTypeOperatorFunction<CallEvent> {
  if (Math.min(timeout, startTimeout, idleTimeout) > LONGEST_DELAY) return identity;
  return (source) =>
    using(
      () => new LimitTimers(end),
      (resource) => {
        const timers = resource as LimitTimers;
        // A timer checks the silence, because a check with each byte costs more.
        const silence = new SilenceClock(lastActivity);
        const watchSilence = (): void => {
          const next = silence.look(idleTimeout);
          if (next > 0) timers.arm("idle", silence.wait(next), watchSilence);
          else
            timers.expire(
              "idle",
              `The app's event stream was silent for ${idleTimeout} ms, the limit of the option idleTimeout.`,
            );
        };
        if (idleTimeout <= LONGEST_DELAY) watchSilence();
        timers.arm("call", timeout, () =>
          timers.expire("call", `The call did not end within ${timeout} ms, the limit of the option timeout.`),
        );
        if (startTimeout > LONGEST_DELAY) return source;
        const late = `The app did not start the call within ${startTimeout} ms, the limit of the option startTimeout.`;
        return source.pipe(
          tap(
            watchStart(
              () => timers.arm("start", startTimeout, () => timers.expire("start", late)),
              () => timers.disarm("start"),
            ),
          ),
        );
      },
    );
}

/** The timers of one call. */
class LimitTimers {
  readonly #end: AbortController;
  readonly #timers: { [Kind in TimeoutKind]?: ReturnType<typeof setTimeout> } = {};

  constructor(end: AbortController) {
    this.#end = end;
  }

  arm(kind: TimeoutKind, delay: number, onExpired: () => void): void {
    if (delay > LONGEST_DELAY) return;
    const due = performance.now() + delay;
    const fire = (): void => {
      // Timers fire before sockets are read: after a standstill of the process, the end of the call may wait there.
      if (performance.now() - due > LATE && kind !== "idle") this.#timers[kind] = setTimeout(onExpired, READING);
      else onExpired();
    };
    this.#timers[kind] = setTimeout(fire, delay);
  }

  disarm(kind: TimeoutKind): void {
    clearTimeout(this.#timers[kind]);
  }

  /** Ends the call with the error of a limit. */
  expire(kind: TimeoutKind, message: string): void {
    this.#end.abort(new CallEnd(kind === "idle" ? "idle" : "late", new TimeoutError(message, { kind })));
  }

  /** Called by `using` when the call ends. */
  unsubscribe(): void {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
  }
}

/** Calls `wait` with the acceptance of a run, and `stop` with its start. A resubmission starts again. */
function watchStart(wait: () => void, stop: () => void): (event: CallEvent) => void {
  let accepted = false;
  return (event) => {
    if (event.type === "accepted") {
      // Before 4.9 the app sends the call's id later, in a second message.
      if (accepted) return;
      accepted = true;
      wait();
    } else if (event.type !== "status" || event.stage !== "queued") {
      stop();
      if (event.type === "status" && event.stage === "starting") accepted = false;
    }
  };
}
