import type { JobEvent } from "../events.ts";
import type { Log, Outcome, Reader } from "./log.ts";

/** Picks what a reader gets of an event; `undefined` is nothing: no output is. */
export type Picker<T, U> = (event: JobEvent<T>) => U | undefined;

/** A step of the loop that waits for its answer. */
interface Waiter<U> {
  resolve: (result: IteratorResult<U, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads a log as an async iterable, from the start. It listens from now on, so that nothing is lost between two
 * steps of a slow loop; leaving the loop stops listening.
 */
export class LogIterator<T, U> implements AsyncIterableIterator<U, undefined>, Reader<T> {
  readonly #pick: Picker<T, U>;
  readonly #latest: boolean;
  readonly #stop: () => void;
  /** What nobody has asked for yet: from `#first` on, up to `#end`. The rest is room that is used again. */
  readonly #ready: (U | undefined)[] = [];
  #first = 0;
  #end = 0;
  /** Steps that were asked for too early, in their order. */
  readonly #waiting: Waiter<U>[] = [];
  #outcome: Outcome<T> | null = null;

  /** @param latest - whether only the newest is kept for a loop that is slower than the app. */
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

  /** Told by the log. */
  event(event: JobEvent<T>): void {
    const value = this.#pick(event);
    if (value === undefined) return;
    if (!this.#latest) {
      if (this.#waiting.length > 0) return this.#waiting.shift()!.resolve({ done: false, value });
    } else {
      this.#first = this.#end = 0;
      // What comes at one go is skipped, too.
      if (this.#waiting.length > 0) queueMicrotask(() => this.#answer());
    }
    this.#ready[this.#end++] = value;
  }

  /** Told by the log. */
  end(outcome: Outcome<T>): void {
    this.#outcome ??= outcome;
    this.#answer();
  }

  /** Answers the steps that wait, as far as there is something to answer. */
  #answer(): void {
    while (this.#waiting.length > 0) {
      if (this.#first < this.#end) this.#waiting.shift()!.resolve({ done: false, value: this.#take() });
      else if (!this.#outcome) return;
      else if (this.#outcome.ok) this.#waiting.shift()!.resolve({ done: true, value: undefined });
      else {
        this.#waiting.shift()!.reject(this.#outcome.error);
        // An iterator throws once, and is over then.
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
