import { Observable } from "rxjs";
import { TimeoutError, type TimeoutKind } from "../errors.ts";
import { LONGEST_DELAY } from "../timers.ts";
import type { WireMessage } from "../wire/messages.ts";

/** The time limits of one call, in milliseconds; `undefined` and `Infinity` are none. */
export interface Limits {
  timeout?: number | undefined;
  startTimeout?: number | undefined;
  idleTimeout?: number | undefined;
}

/**
 * Fails a call that takes too long: as a whole, from the app's acceptance to its start, or in silence. What it fails is
 * unsubscribed, and thereby cancelled at the app.
 *
 * @param ties - told when the call's stream was silent for too long, when its time was over, and when it will be.
 * @param lastLife - when the call's stream last showed life, by `performance.now()`; `null` while there is none.
 * @returns an operator that errors with a TimeoutError of kind `"call"`, `"start"` or `"idle"`.
 */
export function limit(
  limits: Limits,
  ties: { silent: boolean; late: boolean; deadline: number },
  lastLife: () => number | null,
): (source: Observable<WireMessage>) => Observable<WireMessage> {
  return (source) =>
    new Observable((subscriber) => {
      const { timeout, startTimeout, idleTimeout = Infinity } = limits;
      const timers: { [Kind in TimeoutKind]?: ReturnType<typeof setTimeout> } = {};
      const arm = (kind: TimeoutKind, delay: number, strike: () => void): void => {
        if (delay <= LONGEST_DELAY) timers[kind] = setTimeout(strike, delay);
      };
      const fail = (kind: TimeoutKind, sentence: string): void => {
        if (kind === "idle") ties.silent = true;
        else ties.late = true;
        subscriber.error(new TimeoutError(sentence, { kind }));
      };
      // One timer, looked after when it strikes and not at each byte.
      const watchSilence = (): void => {
        const last = lastLife();
        const left = last === null ? idleTimeout : idleTimeout - (performance.now() - last);
        // A timer may strike a fraction of a millisecond early.
        if (left >= 1) return arm("idle", Math.ceil(left), watchSilence);
        fail("idle", `The app's event stream was silent for ${idleTimeout} ms.`);
      };

      subscriber.add(() => {
        for (const timer of Object.values(timers)) clearTimeout(timer);
      });
      arm("idle", idleTimeout, watchSilence);
      if (timeout !== undefined) {
        ties.deadline = performance.now() + timeout;
        arm("call", timeout, () => fail("call", `The call did not end within ${timeout} ms.`));
      }
      // Messages have to be looked at for the start alone.
      if (startTimeout === undefined) return source.subscribe(subscriber);
      let accepted = false;
      const see = ({ kind }: WireMessage): void => {
        if (kind === "accepted") {
          // Before 4.9 the app tells the call's id later, in a second message.
          if (accepted) return;
          accepted = true;
          arm("start", startTimeout, () => fail("start", `The app did not start the call within ${startTimeout} ms.`));
        } else if (kind !== "estimation" && kind !== "unknown") {
          clearTimeout(timers.start);
          if (kind === "resubmitted") accepted = false;
        }
      };
      return source.subscribe({
        next: (message) => {
          see(message);
          subscriber.next(message);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

/**
 * Fails a call with the signal's own reason as soon as the signal is aborted.
 *
 * @returns an operator; it errors at once where the signal was aborted before.
 */
export function untilAborted<T>(signal: AbortSignal | undefined): (source: Observable<T>) => Observable<T> {
  return (source) => {
    if (!signal) return source;
    return new Observable((subscriber) => {
      const abort = (): void => subscriber.error(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      subscriber.add(() => signal.removeEventListener("abort", abort));
      subscriber.add(source.subscribe(subscriber));
    });
  };
}
