/** Time between two looks at what other processes have done, in milliseconds. */
export const LOOK = 250;

/** Default time that running calls have to end when a process stops, in milliseconds. */
export const GRACE = 30_000;

/** Returns a promise that rejects with the reason of a signal. It raises no unhandled rejection. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}

/**
 * Waits for a promise, and no longer than a signal. In a loop, `Promise.race` with one promise for the signal would keep each round in
 * memory.
 *
 * @throws the reason of the signal.
 */
export function unlessAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).then(() => signal.removeEventListener("abort", abort));
  });
}

/** Returns a signal that is aborted with the first of two; the second one is optional. */
export function eitherSignal(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given ? AbortSignal.any([own, given]) : own;
}
