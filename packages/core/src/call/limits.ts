import { Observable } from "rxjs";
import { TimeoutError, type TimeoutKind } from "../errors.ts";
import { CallEnd, type EndCause } from "../protocol/protocol.ts";
import { LONGEST_DELAY } from "../timers.ts";
import type { CallEvent } from "./call-event.ts";

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
 * By hand: RxJS's `timeout({ each })` restarts a timer with each event, which costs a sixth of an event.
 *
 * @param end - controller of the call.
 * @param lastLife - returns the time of the last sign of life, by `performance.now()`; `null` before there is a stream.
 */
export function limits(
  { timeout = Infinity, startTimeout = Infinity, idleTimeout = Infinity }: Limits,
  end: AbortController,
  lastLife: () => number | null,
): (source: Observable<CallEvent>) => Observable<CallEvent> {
  return (source) => {
    if (Math.min(timeout, startTimeout, idleTimeout) > LONGEST_DELAY) return source;
    return new Observable((subscriber) => {
      const timers: { [Kind in TimeoutKind]?: ReturnType<typeof setTimeout> } = {};
      const arm = (kind: TimeoutKind, delay: number, strike: () => void): void => {
        if (delay <= LONGEST_DELAY) timers[kind] = setTimeout(strike, delay);
      };
      const expire = (why: EndCause, kind: TimeoutKind, sentence: string): void =>
        end.abort(new CallEnd(why, new TimeoutError(sentence, { kind })));
      // One timer, renewed when it strikes and not with each byte.
      const watchSilence = (): void => {
        const last = lastLife();
        const left = last === null ? idleTimeout : idleTimeout - (performance.now() - last);
        // A timer may strike a fraction of a millisecond early.
        if (left >= 1) arm("idle", Math.ceil(left), watchSilence);
        else expire("idle", "idle", `The app's event stream was silent for ${idleTimeout} ms.`);
      };
      subscriber.add(() => {
        for (const timer of Object.values(timers)) clearTimeout(timer);
      });
      arm("idle", idleTimeout, watchSilence);
      arm("call", timeout, () => expire("late", "call", `The call did not end within ${timeout} ms.`));
      if (startTimeout > LONGEST_DELAY) return source.subscribe(subscriber);
      const late = `The app did not start the call within ${startTimeout} ms.`;
      const watchStart = startWatch(
        () => arm("start", startTimeout, () => expire("late", "start", late)),
        () => clearTimeout(timers.start),
      );
      return source.subscribe({
        next: (event) => {
          watchStart(event);
          subscriber.next(event);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
  };
}

/** Calls `wait` with the acceptance of a run, and `stop` with its start. A resubmission begins anew. */
function startWatch(wait: () => void, stop: () => void): (event: CallEvent) => void {
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
