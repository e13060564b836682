/**
 * Whether a component is mounted. Leaving takes effect one task later, and not if the component is mounted again by then: React's
 * StrictMode and hot reloads unmount and mount in one task.
 */
export class Presence {
  #count = 0;
  #mounts = 0;
  readonly #onLeave: () => void;

  /** @param onLeave - called one task after the last unmount. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** Number of mounts so far. */
  get mounts(): number {
    return this.#mounts;
  }

  /** Whether the component was mounted once, and is no longer. */
  get hasLeft(): boolean {
    return this.#mounts > 0 && this.#count === 0;
  }

  /** Notes that the component was mounted. Returns a function to call when it is unmounted. */
  enter(): () => void {
    this.#count++;
    this.#mounts++;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#count--;
      setTimeout(() => {
        if (this.#count === 0) this.#onLeave();
      });
    };
  }
}
