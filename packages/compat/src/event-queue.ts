/** Events of a call, in order, for one reader. */
export class EventQueue<T> {
  readonly #events: T[] = [];
  readonly #waiting: { resolve: (result: IteratorResult<T, unknown>) => void; reject: (error: unknown) => void }[] = [];
  #ended = false;
  #error: { reason: unknown } | null = null;

  /** Adds an event. No effect after the end. */
  push(event: T): void {
    if (this.#ended) return;
    const reader = this.#waiting.shift();
    if (reader) reader.resolve({ value: event, done: false });
    else this.#events.push(event);
  }

  /** Ends the events, where given with an error, which one reader receives. */
  end(error?: { reason: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error ?? null;
    while (this.#waiting.length > 0) {
      const reader = this.#waiting.shift()!;
      const thrown = this.#take();
      if (thrown) reader.reject(thrown.reason);
      else reader.resolve({ value: undefined, done: true });
    }
  }

  /** Drops the events that were not read, and ends. */
  drop(): void {
    this.#events.length = 0;
    this.#error = null;
    this.end();
  }

  next(): Promise<IteratorResult<T, unknown>> {
    if (this.#events.length > 0) return Promise.resolve({ value: this.#events.shift()!, done: false });
    if (!this.#ended) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const thrown = this.#take();
    return thrown ? Promise.reject(thrown.reason) : Promise.resolve({ value: undefined, done: true });
  }

  #take(): { reason: unknown } | null {
    const error = this.#error;
    this.#error = null;
    return error;
  }
}
