import { defer, firstValueFrom, retry, takeUntil, tap } from "rxjs";
import type { GradioError } from "../errors.ts";
import { aborted, backOff, sleep } from "../timers.ts";
import { isTransient, retryAfterOf } from "./errors.ts";

/** Retry settings of one client. */
export interface RetryPolicy {
  /** Maximum number of retries of one request. */
  limit: number;
  /** Base and upper limit of the back-off, in milliseconds. */
  minDelay: number;
  maxDelay: number;
  budget: RetryBudget;
}

/** Maximum number of retries in a budget. */
const CAPACITY = 20;

/**
 * Number of retries that a client has left: each retry takes one, each success returns one. It keeps a server that fails
 * every request from receiving a multiple of them.
 */
export class RetryBudget {
  #left = CAPACITY;

  /** Takes one retry; returns `false` where none is left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Returns one retry after a success. */
  give(): void {
    this.#left = Math.min(CAPACITY, this.#left + 1);
  }
}

/** Retry rules of one request. */
export interface RetryContext {
  policy: RetryPolicy;
  /** Ends attempts and delays. */
  signal: AbortSignal;
  /** Whether a failed attempt may be repeated. Default {@link isTransient}. */
  isRetryable?: (error: unknown) => error is GradioError;
  /** Minimum delay before a retry, in milliseconds. Default 0. */
  minDelay?: number;
  /** Maximum delay that a server may ask for, in milliseconds; an error that asks for more is final. Default `Infinity`. */
  maxRetryAfter?: number;
  /** Called before each retry. */
  onRetry?: (error: GradioError) => void;
}

/**
 * Decides whether a failed attempt is retried, and takes the retry from the budget. The one decision for all requests: those
 * that ky sends and those that are streamed. The number of retries is counted by the caller.
 */
export function takeRetry(error: unknown, context: RetryContext): boolean {
  const { policy, signal, isRetryable = isTransient, maxRetryAfter = Infinity, onRetry } = context;
  if (signal.aborted || !isRetryable(error)) return false;
  if (retryAfterOf(error) > maxRetryAfter || !policy.budget.take()) return false;
  onRetry?.(error);
  return true;
}

/**
 * Returns the delay before a retry, in milliseconds: the back-off, and no less than the server or the context asks for.
 *
 * @param failures - number of failed attempts, from 1.
 */
export function retryDelay(failures: number, error: unknown, { policy, minDelay = 0 }: RetryContext): number {
  return Math.max(minDelay, retryAfterOf(error), backOff(failures, policy.minDelay, policy.maxDelay));
}

/**
 * Repeats an attempt while {@link takeRetry} allows it. Plain requests are retried by ky instead.
 *
 * @throws the error of the last attempt; the signal's reason when it is aborted, without waiting for the attempt.
 */
export function withRetry<T>(attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { policy, signal } = context;
  const delay = (error: unknown, failures: number): Promise<void> => {
    if (!takeRetry(error, context)) throw error;
    return sleep(retryDelay(failures, error, context), signal);
  };
  return firstValueFrom(
    defer(attempt).pipe(
      tap(() => policy.budget.give()),
      retry({ count: policy.limit, delay }),
      takeUntil(aborted(signal)),
    ),
  );
}
