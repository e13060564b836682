import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  throwError,
  timer,
} from "rxjs";
import { isRetryable, RateLimitError } from "../errors.ts";
import type { JobEvent } from "../events.ts";
import { backOff } from "../timers.ts";

/** Options of {@link retryJob}. */
export interface RetryJobOptions {
  /** Maximum number of further submissions. Default 3. */
  count?: number | undefined;
  /** Base of the back-off in milliseconds: the n-th wait is random between 0 and `minDelay · 2ⁿ`. Default 300. */
  minDelay?: number | undefined;
  /** Maximum wait of the back-off, in milliseconds. Default 8 000. */
  maxDelay?: number | undefined;
  /** Returns whether the call is submitted again after an error. Default `isRetryable`: only where the app ran nothing. */
  when?: ((error: unknown) => boolean) | undefined;
}

/**
 * Subscribes to a failed call again, which submits it again, where its error allows another try. After a `RateLimitError`, the wait is at
 * least its `retryAfter`. The terminal status of a try is emitted only where no other try follows.
 *
 * For the cold Observables of `Client.observe`; a `Job` runs once, and its Observables repeat the same failure.
 *
 * @example
 * ```ts
 * client.observe<string>("/write", ["cats"]).pipe(retryJob({ count: 5 })).subscribe(show);
 * ```
 */
export function retryJob<T>(options: RetryJobOptions = {}): MonoTypeOperatorFunction<JobEvent<T>> {
  const { count = 3, minDelay = 300, maxDelay = 8_000, when = isRetryable } = options;
  return (events$) =>
    defer(() => {
      let tries = 0;
      let failure: JobEvent<T> | null = null;
      const isNoFailure = (event: JobEvent<T>): boolean => {
        if (event.type !== "status" || event.stage !== "error") return true;
        failure = event;
        return false;
      };
      const again = (error: unknown): Observable<unknown> => {
        tries++;
        if (tries > count || !when(error)) return throwError(() => error);
        failure = null;
        const asked = error instanceof RateLimitError ? (error.retryAfter ?? 0) : 0;
        return timer(Math.max(asked, backOff(tries, minDelay, maxDelay)));
      };
      return events$.pipe(
        filter(isNoFailure),
        retry({ delay: again }),
        catchError((error: unknown) =>
          concat(
            failure ? of(failure) : EMPTY,
            throwError(() => error),
          ),
        ),
      );
    });
}
