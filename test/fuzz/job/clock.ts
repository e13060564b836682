/** A clock that replaces the timers of the platform and advances on demand. */
export class Clock {
  readonly #timers = new Map<number, { at: number; work: () => void; every: number | null }>();
  #now = 0;
  #last = 0;
  readonly #platform = {
    set: globalThis.setTimeout,
    clear: globalThis.clearTimeout,
    setEach: globalThis.setInterval,
    clearEach: globalThis.clearInterval,
    now: Object.getOwnPropertyDescriptor(performance, "now"),
  };
  /** Error that a timer threw; the platform would end the program. */
  readonly thrown: unknown[] = [];

  /** Replaces the timers of the platform; returns a function that restores them. */
  install(): () => void {
    const { set, clear, setEach, clearEach, now } = this.#platform;
    const start = (work: () => void, delay = 0, every: number | null = null): number => {
      this.#timers.set(++this.#last, { at: this.#now + Math.max(1, delay), work, every });
      return this.#last;
    };
    // RxJS waits by intervals that it clears when they strike.
    const startEach = (work: () => void, delay = 0): number => start(work, delay, Math.max(1, delay));
    const stop = (timer: number): void => void this.#timers.delete(timer);
    Object.assign(globalThis, {
      setTimeout: (work: () => void, delay?: number) => start(work, delay),
      clearTimeout: stop,
      setInterval: startEach,
      clearInterval: stop,
    });
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true, writable: true });
    return () => {
      Object.assign(globalThis, {
        setTimeout: set,
        clearTimeout: clear,
        setInterval: setEach,
        clearInterval: clearEach,
      });
      // The method is on the prototype, unless another one was set on the object.
      if (now) Object.defineProperty(performance, "now", now);
      else Reflect.deleteProperty(performance, "now");
    };
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Advances the time by some milliseconds. Everything that a timer causes happens before the next timer. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      const [id, timer] = next;
      this.#now = Math.max(this.#now, timer.at);
      if (timer.every === null) this.#timers.delete(id);
      else timer.at = this.#now + timer.every;
      try {
        timer.work();
      } catch (error) {
        this.thrown.push(error);
      }
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Runs everything that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}
