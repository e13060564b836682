import { ConnectionError } from "../errors.ts";
import { LONGEST_DELAY } from "../timers.ts";
import type { HttpSettings } from "./request.ts";

/** How often, how long apart, and until when something is tried again. */
export interface Patience {
  retry: HttpSettings["retry"];
  signal: AbortSignal;
}

/**
 * Does something again while it fails in passing: the connection broke, or the server failed. For what is more than one
 * plain request, which repeats itself.
 *
 * @throws the last failure; any other at once; the signal's reason.
 */
export async function repeated<T>(attempt: () => Promise<T>, { retry, signal }: Patience): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (failures >= retry.limit || !(error instanceof ConnectionError)) throw error;
      await pause(failures, { retry, signal });
    }
  }
}

/** The wait before the next attempt: random, so that clients that failed together do not come back together. */
export async function pause(failures: number, { retry, signal }: Patience): Promise<void> {
  const longest = Math.min(retry.maxDelay, retry.minDelay * 2 ** (failures + 1), LONGEST_DELAY);
  await wait(Math.random() * longest, signal);
}

/** Waits, in milliseconds, unless the signal is aborted: then it rejects with the reason. */
export async function wait(delay: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, delay);
    signal.addEventListener("abort", stop, { once: true });
  });
}
