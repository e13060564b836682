/** Time that passes when it is told to. It stands in for the platform's while a model runs. */
export class Clock {
  readonly #timers = new Map<number, { at: number; work: () => void }>();
  #now = 0;
  #last = 0;
  readonly #platform = {
    set: globalThis.setTimeout,
    clear: globalThis.clearTimeout,
    now: Object.getOwnPropertyDescriptor(performance, "now"),
  };
  /** What a timer's work has thrown: the platform would end the program. */
  readonly thrown: unknown[] = [];

  /** Takes the platform's place; returns what gives it back. */
  install(): () => void {
    const { set, clear, now } = this.#platform;
    const start = (work: () => void, delay = 0): number => {
      this.#timers.set(++this.#last, { at: this.#now + Math.max(1, delay), work });
      return this.#last;
    };
    const stop = (timer: number): void => void this.#timers.delete(timer);
    Object.assign(globalThis, { setTimeout: start, clearTimeout: stop });
    Object.defineProperty(performance, "now", { value: () => this.#now, configurable: true, writable: true });
    return () => {
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
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
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      try {
        next[1].work();
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
