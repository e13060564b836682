/** Time that passes when it is told to. It stands in for the platform's while a model runs. */
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
  /** What a timer's work has thrown: the platform would end the program. */
  readonly thrown: unknown[] = [];

  /** Takes the platform's place; returns what gives it back. */
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
      // It stands in the prototype, unless somebody has put another one before it.
      if (now) Object.defineProperty(performance, "now", now);
      else Reflect.deleteProperty(performance, "now");
    };
  }

  /** Timers that have not struck. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets milliseconds pass; whatever a timer sets off happens before the next one strikes. */
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

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}
