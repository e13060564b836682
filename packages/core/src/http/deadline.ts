import { LONGEST_DELAY } from "../timers.ts";

/**
 * A signal that is aborted when one of others is, with its reason, or when a time is over. It holds on to the others only until
 * its own end: a client lives longer than its requests.
 */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #others: readonly AbortSignal[];
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether it was the time that was over. */
  expired = false;

  /** @param timeout - in milliseconds; `Infinity` for none. */
  constructor(others: readonly (AbortSignal | undefined)[], timeout: number) {
    this.#others = others.filter((signal) => signal !== undefined);
    for (const signal of this.#others) {
      if (signal.aborted) this.#abort.abort(signal.reason);
      signal.addEventListener("abort", this.#follow, { once: true });
    }
    if (timeout <= LONGEST_DELAY) this.#timer = setTimeout(() => this.#expire(), timeout);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Settles as the work does, or rejects as soon as the signal is aborted: not everybody's `fetch` obeys it. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Lets go of everything. */
  end(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#others) signal.removeEventListener("abort", this.#follow);
  }

  readonly #follow = (event: Event): void => {
    if (event.target instanceof AbortSignal) this.#abort.abort(event.target.reason);
  };

  #expire(): void {
    this.expired = true;
    this.#abort.abort(new DOMException("It took too long.", "TimeoutError"));
  }
}
