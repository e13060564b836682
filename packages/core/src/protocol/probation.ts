import { later } from "../timers.ts";

/** How long a stream may take to show that it lives, in milliseconds. */
const PATIENCE = 400;

/**
 * Doubts about a stream whose last call was given up: it may be what has failed. One that lives shows that soon, as the end of the
 * call is told on it, too.
 */
export class Probation {
  #begun = -Infinity;
  #proved = -Infinity;

  /** Begins; `after` is called when the time is over, whatever has come. */
  begin(after: () => void): void {
    const begun = performance.now();
    this.#begun = begun;
    later(() => this.#begun === begun && after(), PATIENCE);
  }

  /** A message has come. */
  prove(): void {
    this.#proved = performance.now();
  }

  /** There is another stream. */
  end(): void {
    this.#begun = -Infinity;
  }

  /** How long a call has still to wait for a sign of life; 0 where it has not. In milliseconds. */
  get left(): number {
    return this.unproved ? Math.max(0, this.#begun + PATIENCE - performance.now()) : 0;
  }

  /** Whether a sign of life is still owed. */
  get unproved(): boolean {
    return this.#proved < this.#begun;
  }
}
