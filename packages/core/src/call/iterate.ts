import type { JobEvent } from "../events.ts";
import type { Log, Outcome, Reader } from "./log.ts";

/** Returns the part of an event that a reader receives; `undefined` for an event that it does not receive. */
export type Picker<T, U> = (event: JobEvent<T>) => U | undefined;

/** A call of `next` that waits for a value. */
interface Waiter<U> {
  resolve: (result: IteratorResult<U, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads a log as an async iterable, from the start. It reads the log from its construction on, so that a slow loop loses no
 * value. Leaving the loop stops it.
 */
export class LogIterator<T, U> implements AsyncIterableIterator<U, undefined>, Reader<T> {
  readonly #pick: Picker<T, U>;
  readonly #latest: boolean;
  readonly #stop: () => void;
  /** Values that were not requested yet, from index `#first` to `#end`. The rest of the array is reused. */
  readonly #ready: (U | undefined)[] = [];
  #first = 0;
  #end = 0;
  /** Calls of `next` that wait for a value, oldest first. */
  readonly #waiting: Waiter<U>[] = [];
  #outcome: Outcome<T> | null = null;

  /** @param latest - whether only the newest value is kept where the loop is slower than the app. */
  constructor(log: Log<T>, pick: Picker<T, U>, latest: boolean) {
    this.#pick = pick;
    this.#latest = latest;
    this.#stop = log.read(this);
  }

  next(): Promise<IteratorResult<U, undefined>> {
    if (this.#first < this.#end && this.#waiting.length === 0)
      return Promise.resolve({ done: false, value: this.#take() });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#outcome) this.#answer();
    });
  }

  async return(): Promise<IteratorResult<U, undefined>> {
    this.#stop();
    this.#outcome = over;
    this.#first = this.#end = this.#ready.length = 0;
    this.#answer();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Called by the log with each event. */
  event(event: JobEvent<T>): void {
    const value = this.#pick(event);
    if (value === undefined) return;
    if (!this.#latest) {
      if (this.#waiting.length > 0) return this.#waiting.shift()!.resolve({ done: false, value });
    } else {
      this.#first = this.#end = 0;
      // Of values that arrive in one task, only the newest counts.
      if (this.#waiting.length > 0) queueMicrotask(() => this.#answer());
    }
    this.#ready[this.#end++] = value;
  }

  /** Called by the log at the end of the call. */
  end(outcome: Outcome<T>): void {
    this.#outcome ??= outcome;
    this.#answer();
  }

  /** Answers waiting calls of `next` while there are values, or the end. */
  #answer(): void {
    while (this.#waiting.length > 0) {
      if (this.#first < this.#end) this.#waiting.shift()!.resolve({ done: false, value: this.#take() });
      else if (!this.#outcome) return;
      else if (this.#outcome.ok) this.#waiting.shift()!.resolve({ done: true, value: undefined });
      else {
        this.#waiting.shift()!.reject(this.#outcome.error);
        // An iterator throws once; then it is done.
        this.#outcome = over;
      }
    }
  }

  #take(): U {
    const value = this.#ready[this.#first] as U;
    this.#ready[this.#first++] = undefined;
    if (this.#first === this.#end) this.#first = this.#end = 0;
    return value;
  }
}

const over: Outcome<never> = { ok: true, result: undefined as never };
