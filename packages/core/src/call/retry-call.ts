import {
  catchError,
  defer,
  finalize,
  from,
  merge,
  type Observable,
  retry,
  Subject,
  switchMap,
  tap,
  throwError,
  timer,
} from "rxjs";
import { ConnectionError, QueueFullError, SessionLostError } from "../errors.ts";
import { backOff } from "../timers.ts";
import type { CallMessage } from "./messages.ts";

/** Conditions under which a failed call is sent again. */
export interface RetryCallOptions {
  /** Whether the call may run more than once: it is sent again when its connection broke. */
  resubmit: boolean;
  /** Whether the call waits for room in a full queue. */
  waitForRoom: boolean;
}

/** Losses in a row without an output after which a call that may run again fails. */
const MAX_LOSSES = 3;
/** Back-off between two runs, in milliseconds; see {@link backOff}. */
const MIN_DELAY = 300;
const MAX_DELAY = 8_000;

/**
 * Subscribes to a run of a call, and to another one where the options allow it: after a loss, or while the app's queue is
 * full. A message (`resubmitted`, `queue_full`) is emitted before each further run. Unsubscribing also ends the wait.
 *
 * @param run - makes the run with a number, from 1.
 * @returns the messages of all runs. Errors with the last run's error.
 */
export function retryCall(
  run: (attempt: number) => Observable<CallMessage>,
  { resubmit, waitForRoom }: RetryCallOptions,
): Observable<CallMessage> {
  if (!resubmit && !waitForRoom) return run(1);
  return defer(() => {
    const notices = new Subject<CallMessage>();
    let attempt = 0;
    let losses = 0;
    let full = 0;
    /** The message that announces another run, and the number of failures that its delay depends on. */
    const next = (error: unknown): { kind: "resubmitted" | "queue_full"; failures: number } | null => {
      const isLoss = error instanceof ConnectionError || error instanceof SessionLostError;
      if (resubmit && isLoss && ++losses < MAX_LOSSES) return { kind: "resubmitted", failures: losses };
      return waitForRoom && error instanceof QueueFullError ? { kind: "queue_full", failures: ++full } : null;
    };
    const runs = defer(() => run(++attempt)).pipe(
      // `resetOnSuccess` of `retry` would reset with the first message of any kind: only an output counts.
      tap(({ kind }) => {
        if (kind === "process_generating") losses = 0;
      }),
      retry({
        delay: (error: unknown) => {
          const again = next(error);
          if (!again) return throwError(() => error);
          notices.next({ kind: again.kind });
          return timer(backOff(again.failures, MIN_DELAY, MAX_DELAY));
        },
      }),
      finalize(() => notices.complete()),
    );
    return merge(notices, runs);
  });
}

/** Replaces the error of a call by its cause, such as a Space that no longer runs. Without `diagnose` it changes nothing. */
export function diagnoseErrors<T>(
  diagnose: ((error: unknown) => Promise<unknown>) | null,
): (source: Observable<T>) => Observable<T> {
  return (source) =>
    diagnose
      ? source.pipe(
          catchError((error: unknown) => from(diagnose(error)).pipe(switchMap((known) => throwError(() => known)))),
        )
      : source;
}
