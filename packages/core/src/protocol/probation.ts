import { later } from "../timers.ts";

/** How long a stream may take to show that it lives, in milliseconds. */
const PATIENCE = 400;

/**
 * Doubts about a stream whose last call was given up: it may be what has failed. One that lives shows that soon, as the end of the
 * call is told on it, too.
 */
export class Probation {
  /** By `performance.now()`; `-Infinity` where no sign of life is owed. */
  #begun = -Infinity;
  #holds = false;

  /**
   * Begins.
   *
   * @param holds - whether the next call has to wait for a sign of life.
   * @param failed - called when the time is over without one.
   */
  begin(holds: boolean, failed: () => void): void {
    const begun = performance.now();
    this.#begun = begun;
    this.#holds = holds;
    later(() => this.#begun === begun && failed(), PATIENCE);
  }

  /** A message has come, or there is another stream. */
  end(): void {
    this.#begun = -Infinity;
  }

  /** How long a call has still to wait for a sign of life; 0 where it has not. In milliseconds. */
  get wait(): number {
    return this.#holds && this.owed ? Math.max(0, this.#begun + PATIENCE - performance.now()) + 1 : 0;
  }

  /** Whether a sign of life is still owed. */
  get owed(): boolean {
    return this.#begun > -Infinity;
  }
}
