import { LONGEST_DELAY } from "../timers.ts";

/**
 * A signal that is aborted when one of others is, with its reason, or when a time is over. It holds on to the others only until
 * its own end: a client lives longer than its requests.
 */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #others: readonly AbortSignal[];
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  /** Gives up the work that is being waited for. */
  #reject: ((reason: unknown) => void) | undefined;
  /** Whether it was the time that was over. */
  expired = false;

  /** @param timeout - in milliseconds; `Infinity` for none. */
  constructor(others: readonly (AbortSignal | undefined)[], timeout: number) {
    this.#others = others.filter((signal) => signal !== undefined);
    for (const signal of this.#others) {
      if (signal.aborted) this.#giveUp(signal.reason);
      signal.addEventListener("abort", this.#follow, { once: true });
    }
    if (timeout <= LONGEST_DELAY) this.#timer = setTimeout(() => this.#expire(), timeout);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * Settles as the work does, or rejects as soon as the signal is aborted: not everybody's `fetch` obeys it. One piece of work at
   * a time.
   */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // By hand: `Promise.race` with what lasts longer than the work keeps what the work gave.
      this.#reject = reject;
      work.then(resolve, reject);
      if (this.signal.aborted) reject(this.signal.reason);
    });
  }

  /** Lets go of everything. */
  end(): void {
    clearTimeout(this.#timer);
    this.#reject = undefined;
    for (const signal of this.#others) signal.removeEventListener("abort", this.#follow);
  }

  readonly #follow = (event: Event): void => {
    if (event.target instanceof AbortSignal) this.#giveUp(event.target.reason);
  };

  #giveUp(reason: unknown): void {
    this.#abort.abort(reason);
    this.#reject?.(this.signal.reason);
  }

  #expire(): void {
    this.expired = true;
    this.#giveUp(new DOMException("It took too long.", "TimeoutError"));
  }
}
