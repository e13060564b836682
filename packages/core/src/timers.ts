import { concatMap, defer, fromEvent, type Observable, throwError } from "rxjs";

/** Longest delay of a timer, in milliseconds. Timers count in 32 bits: a longer delay would expire at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/**
 * Starts a timer that does not keep a program alive.
 *
 * @param delay - in milliseconds.
 */
export function startBackgroundTimer(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delay);
  // A timer is an object in Node. Elsewhere it is a number, and keeps nothing alive.
  const unref: unknown = Reflect.get(Object(timer), "unref");
  if (typeof unref === "function") unref.call(timer);
  return timer;
}

/**
 * Waits. Every pause of core that can be aborted uses this timer.
 *
 * @param delay - in milliseconds; at most {@link LONGEST_DELAY} counts.
 * @param start - starts the timer. Default: one that keeps a program alive.
 * @throws the signal's reason when it is aborted.
 */
export function sleep(
  delay: number,
  signal: AbortSignal,
  start: (work: () => void, delay: number) => ReturnType<typeof setTimeout> = setTimeout,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const end = (): void => {
      signal.removeEventListener("abort", abort);
      resolve();
    };
    const timer = start(end, Math.min(delay, LONGEST_DELAY));
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** Limits of {@link settleWithin}. */
export interface SettleLimits {
  signal: AbortSignal;
  /** In milliseconds. Default `Infinity`: no limit. */
  timeout?: number;
  /** Creates the error for a timeout. Default: a DOMException named `TimeoutError`. */
  timeoutError?: () => Error;
}

/**
 * Settles as a promise does, or rejects as soon as a signal is aborted or a time limit expires. The work itself continues. For
 * work that may ignore its signal, such as a function that the caller supplied.
 *
 * @throws what the work fails with, the signal's reason, or the timeout's error.
 */
export function settleWithin<T>(work: Promise<T>, limits: SettleLimits): Promise<T> {
  const { signal, timeout = Infinity, timeoutError = timedOut } = limits;
  // `Promise.race` would keep the result in memory for as long as the signal exists.
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => settle(() => reject(signal.reason));
    const expire = (): void => settle(() => reject(timeoutError()));
    const timer = timeout <= LONGEST_DELAY ? setTimeout(expire, timeout) : undefined;
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      how();
    };
    signal.addEventListener("abort", abort, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    if (signal.aborted) abort();
  });
}

/** Limits of {@link whileActive}. */
export interface ActivityLimits {
  signal: AbortSignal;
  /** Time without activity after which the work ends, in milliseconds. */
  timeout: number;
  /** Creates the error for a silence of so many milliseconds. */
  timeoutError: (timeout: number) => Error;
}

/**
 * Does work that ends when nothing happened for a time.
 *
 * @param work - receives a signal that ends it, and a function to be called whenever something happens; the function takes another
 *   time limit for the next silence, in milliseconds.
 * @throws what the work fails with, the signal's reason, or the timeout's error.
 */
export async function whileActive<T>(
  work: (signal: AbortSignal, touch: (timeout?: number) => void) => Promise<T>,
  { signal, timeout, timeoutError }: ActivityLimits,
): Promise<T> {
  const idle = new AbortController();
  const either = followSignals([signal, idle.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touch = (limit = timeout): void => {
    clearTimeout(timer);
    timer = limit <= LONGEST_DELAY ? setTimeout(() => idle.abort(timeoutError(limit)), limit) : undefined;
  };
  touch();
  try {
    return await settleWithin(work(either.signal, touch), { signal: either.signal });
  } finally {
    clearTimeout(timer);
    either.release();
  }
}

function timedOut(): Error {
  return new DOMException("The operation timed out.", "TimeoutError");
}

/** A signal that follows others until it is released. */
export interface FollowingSignal {
  signal: AbortSignal;
  /** Removes the listeners from the signals that are followed. */
  release: () => void;
}

/**
 * Creates a signal that is aborted with the first of others, with its reason. `AbortSignal.any` does the same, but leaves an
 * entry in each source: a client's own signal outlives thousands of requests.
 */
export function followSignals(sources: readonly (AbortSignal | undefined)[]): FollowingSignal {
  const controller = new AbortController();
  const releases = sources.map((source) => {
    if (!source) return undefined;
    const abort = (): void => controller.abort(source.reason);
    if (source.aborted) abort();
    else source.addEventListener("abort", abort, { once: true });
    return () => source.removeEventListener("abort", abort);
  });
  return { signal: controller.signal, release: () => releases.forEach((release) => release?.()) };
}

/**
 * Errors as soon as a signal is aborted; at once for one that was aborted before. For `takeUntil`.
 *
 * @param error - makes the error. Default: the signal's reason.
 */
export function aborted(signal: AbortSignal, error: () => unknown = () => signal.reason): Observable<never> {
  const fail = (): Observable<never> => throwError(error);
  // `fromEvent` alone misses an abort that came before.
  return defer(() => (signal.aborted ? fail() : fromEvent(signal, "abort").pipe(concatMap(fail))));
}

/** Calls a listener. An error that it throws is reported in a task of its own, as platforms do, and affects nothing else. */
export function callListener<Value>(listener: (value: Value) => void, value: Value): void {
  try {
    listener(value);
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}

/**
 * Returns the delay before the next attempt, in milliseconds. It is random, so that clients that failed together do not return
 * together; its upper bound doubles with each failure.
 *
 * @param failures - number of failures so far, from 1.
 * @param minDelay - base of the upper bound.
 * @param maxDelay - limit of the upper bound.
 */
export function backOff(failures: number, minDelay: number, maxDelay: number): number {
  return Math.random() * Math.min(maxDelay, minDelay * 2 ** failures);
}
