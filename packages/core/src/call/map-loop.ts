import { isRetryable, RateLimitError } from "../errors.ts";
import type { MapRetry } from "../options.ts";
import { backOff, sleep } from "../timers.ts";
import type { Job } from "./job.ts";

/**
 * Outcome of one input of `Client.map`: the input and its index, from 0; and its result, or the error of its call.
 */
export type MapItem<T, Input = unknown> =
  | { index: number; input: Input; result: T; error?: undefined }
  | { index: number; input: Input; error: Error; result?: undefined };

/** Inputs of `Client.map`. One is read only when a call can start with it. */
export type Inputs<Input> = Iterable<Input> | AsyncIterable<Input>;

/** Settings of a {@link MapLoop}. */
export interface MapSource<T, Input> {
  inputs: Inputs<Input>;
  /** Maximum number of calls that are running, or have ended and were not yet yielded. */
  concurrency: number;
  /** Whether the outcomes are yielded in the order of the inputs. */
  ordered: boolean;
  /** Further attempts for an input that failed; `undefined` for none. */
  retry: MapRetry | undefined;
  /** Signals that end the loop with their reason, and cancel the running calls. */
  signals: readonly AbortSignal[];
  /** Makes one attempt. `isFinal` returns whether an error is the outcome of the input. */
  submit: (input: Input, index: number, isFinal: (error: unknown) => boolean) => Job<T>;
  /** Called once, when the loop has ended. */
  onEnd: () => void;
}

/** Base and maximum of the wait before another attempt, in milliseconds. */
const PAUSE = { shortest: 300, longest: 8_000 };

interface Waiter<T, Input> {
  resolve: (result: IteratorResult<MapItem<T, Input>, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * Runs calls with limited concurrency, and yields each outcome. An input is read only when a call can start with it. Leaving the loop, or
 * a signal, cancels the running calls at once.
 *
 * Not an async generator: `return` would have to wait for a pending input.
 */
export class MapLoop<T, Input> implements AsyncIterableIterator<MapItem<T, Input>, undefined> {
  readonly #source: MapSource<T, Input>;
  readonly #inputs: Iterator<Input> | AsyncIterator<Input>;
  /** Aborted when the loop has ended. */
  readonly #ended = new AbortController();
  readonly #jobs = new Set<Job<T>>();
  /** Number of inputs whose outcome is not known yet. */
  #running = 0;
  /** Outcomes that were not yielded yet, by index. */
  readonly #finished = new Map<number, MapItem<T, Input>>();
  readonly #waiters: Waiter<T, Input>[] = [];
  /** Index of the next input, and of the next outcome where they are ordered. */
  #index = 0;
  #next = 0;
  #reading = false;
  #more = true;
  #over = false;
  /** Error that the loop throws, once. */
  #failure: { error: unknown } | null = null;

  constructor(source: MapSource<T, Input>) {
    this.#source = source;
    const { inputs } = source;
    this.#inputs = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
    for (const signal of source.signals) {
      if (signal.aborted) this.#fail(signal.reason);
      else signal.addEventListener("abort", this.#abort, { once: true });
    }
  }

  next(): Promise<IteratorResult<MapItem<T, Input>, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#turn();
    });
  }

  async return(): Promise<IteratorResult<MapItem<T, Input>, undefined>> {
    this.#end();
    this.#finished.clear();
    this.#turn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => {
    const aborted = this.#source.signals.find((signal) => signal.aborted);
    this.#fail(aborted?.reason);
  };

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#failure = { error };
    this.#end();
    this.#turn();
  }

  /** Stops reading inputs, and cancels the running calls. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const signal of this.#source.signals) signal.removeEventListener("abort", this.#abort);
    this.#ended.abort();
    for (const job of this.#jobs) void job.cancel();
    // A pending input is not awaited. A generator that ends the loop itself can be closed only after its step.
    if (this.#more)
      Promise.resolve()
        .then(() => this.#inputs.return?.())
        .catch(() => undefined);
    this.#source.onEnd();
  }

  /** Answers waiting calls of `next` while there are outcomes, and reads another input where the concurrency allows it. */
  #turn(): void {
    while (this.#waiters.length > 0) {
      if (this.#failure) {
        this.#waiters.shift()!.reject(this.#failure.error);
        this.#failure = null;
        this.#finished.clear();
        continue;
      }
      const value = this.#take();
      if (value) this.#waiters.shift()!.resolve({ done: false, value });
      else if (this.#over || (!this.#more && this.#running === 0)) {
        this.#end();
        this.#waiters.shift()!.resolve({ done: true, value: undefined });
      } else break;
    }
    const busy = this.#running + this.#finished.size;
    if (this.#more && !this.#over && !this.#reading && busy < this.#source.concurrency) void this.#read();
  }

  /** Returns the next outcome: that of the next input with `ordered`, otherwise the first one that is available. */
  #take(): MapItem<T, Input> | undefined {
    const index = this.#source.ordered ? this.#next : this.#finished.keys().next().value;
    const item = index === undefined ? undefined : this.#finished.get(index);
    if (!item) return undefined;
    this.#finished.delete(item.index);
    this.#next++;
    return item;
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      const next = await this.#inputs.next();
      this.#reading = false;
      if (next.done === true) this.#more = false;
      else if (!this.#over) void this.#run(next.value, this.#index++);
      this.#turn();
    } catch (error) {
      this.#more = false;
      this.#fail(error);
    }
  }

  async #run(input: Input, index: number): Promise<void> {
    this.#running++;
    const item = await this.#outcome(input, index);
    this.#running--;
    if (this.#over) return;
    this.#finished.set(index, item);
    this.#turn();
  }

  /** Makes calls for an input until one succeeds or no attempt is left. */
  async #outcome(input: Input, index: number): Promise<MapItem<T, Input>> {
    const { attempts = 1, when = isRetryable } = this.#source.retry ?? {};
    for (let attempt = 1; ; attempt++) {
      let mayRetry: boolean | undefined;
      const isFinal = (error: unknown): boolean => {
        try {
          mayRetry ??= attempt < attempts && !this.#over && when(error);
        } catch (thrown) {
          // An error of the caller's condition ends the loop; then no attempt follows.
          this.#fail(thrown);
        }
        return !mayRetry;
      };
      try {
        return { index, input, result: await this.#attempt(input, index, isFinal) };
      } catch (error) {
        if (isFinal(error)) return { index, input, error: error as Error };
        await this.#pause(error, attempt);
        if (this.#over) return { index, input, error: error as Error };
      }
    }
  }

  async #attempt(input: Input, index: number, isFinal: (error: unknown) => boolean): Promise<T> {
    const job = this.#source.submit(input, index, isFinal);
    this.#jobs.add(job);
    try {
      return await job.result();
    } finally {
      this.#jobs.delete(job);
    }
  }

  async #pause(error: unknown, failures: number): Promise<void> {
    const asked = error instanceof RateLimitError ? (error.retryAfter ?? 0) : 0;
    const delay = Math.max(asked, backOff(failures, PAUSE.shortest, PAUSE.longest));
    try {
      await sleep(delay, this.#ended.signal);
    } catch {
      // The loop has ended.
    }
  }
}
