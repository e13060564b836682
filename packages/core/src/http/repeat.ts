import { ConnectionError } from "../errors.ts";
import { backOff, LONGEST_DELAY } from "../timers.ts";
import { Deadline } from "./deadline.ts";

/** How requests of one client are repeated. */
export interface RetryPolicy {
  /** Most repeats of one request. */
  limit: number;
  /** Base and cap of the back-off, in milliseconds. */
  minDelay: number;
  maxDelay: number;
  budget: RetryBudget;
}

/** Repeats that a client has in hand when all goes well. */
const CAPACITY = 20;

/**
 * What a client may spend on repeats: taken by each, given back by successes. A server that fails everybody is not asked
 * again and again by everybody.
 */
export class RetryBudget {
  #left = CAPACITY;

  /** Takes one; returns whether there was one. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Something went well. */
  give(): void {
    this.#left = Math.min(CAPACITY, this.#left + 1);
  }
}

/** How often, how long apart, and until when something is tried again. */
export interface Patience {
  retry: RetryPolicy;
  signal: AbortSignal;
  /** Whether an error is worth another try. Default: the connection broke, or the server failed. */
  again?: (error: unknown) => boolean;
  /** Least milliseconds to wait after a failure. Default 0. */
  floor?: (error: unknown) => number;
  /** Most milliseconds that a server may ask to wait: what asks for more has failed for good. Default: no limit. */
  most?: number;
}

/**
 * Does something again while it fails in passing.
 *
 * @throws the last failure; one that is not worth another try at once; the signal's reason.
 */
export async function repeated<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { retry, signal, again = passing, floor = () => 0, most = Infinity } = patience;
  for (let failures = 0; ; failures++) {
    try {
      const result = await attempt();
      retry.budget.give();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (failures >= retry.limit || !again(error)) throw error;
      const asked = floor(error);
      if (asked > most || !retry.budget.take()) throw error;
      await pause(failures, patience, asked);
    }
  }
}

function passing(error: unknown): boolean {
  return error instanceof ConnectionError;
}

/** The wait before the next attempt; `least` milliseconds of it. */
export async function pause(failures: number, { retry, signal }: Patience, least = 0): Promise<void> {
  await wait(Math.max(least, backOff(failures + 1, retry.minDelay, retry.maxDelay)), signal);
}

/** Waits, in milliseconds, unless the signal is aborted: then it rejects with the reason. */
export async function wait(delay: number, signal: AbortSignal): Promise<void> {
  const deadline = new Deadline([signal], Math.min(delay, LONGEST_DELAY));
  try {
    // Nothing ends it but the deadline.
    await deadline.race(new Promise<never>(() => undefined));
  } catch {
    signal.throwIfAborted();
  } finally {
    deadline.end();
  }
}
