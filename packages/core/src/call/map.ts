import { InputError } from "../errors.ts";
import { type CallOptions, checkOptions, type MapOptions, mergeOptions } from "../options.ts";
import { mapOptions } from "./call-options.ts";
import type { Job } from "./job.ts";

/** Outcome of one input of `Client.map`: its index, from 0, and its result, or the error of its call. */
export type MapItem<T> =
  | { index: number; result: T; error?: undefined }
  | { index: number; error: Error; result?: undefined };

/** Inputs of `Client.map`. One is read only when a call can start with it. */
export type Inputs<Input> = Iterable<Input> | AsyncIterable<Input>;

/** Calls of a {@link MapLoop}. */
export interface MapSource<T, Input> {
  inputs: Inputs<Input>;
  /** Maximum number of calls that are running, or have ended and were not yet yielded. */
  concurrency: number;
  /** Signals that end the loop with their reason, and cancel the running calls. */
  signals: readonly AbortSignal[];
  submit: (input: Input) => Job<T>;
  /** Called once, when the loop has ended. */
  onEnd: () => void;
}

/** Parts of the client that a loop uses. */
export interface MapClient<T, Input> {
  /** Default options of the calls. */
  defaults: CallOptions;
  /** Functions that end the running calls and transfers of the client, each with an error. */
  running: Set<(error: unknown) => void>;
  /** Error of a closed client; `null` while the client is open. */
  closed: unknown;
  submit: (input: Input, options: CallOptions) => Job<T>;
}

/**
 * Creates the loop of `Client.map`.
 *
 * @throws InputError for inputs that are not iterable, and for invalid options.
 */
export function mapLoop<T, Input>(
  inputs: Inputs<Input>,
  options: MapOptions<never>,
  { defaults, running, closed, submit }: MapClient<T, Input>,
): MapLoop<T, Input> {
  checkOptions("map", options, mapOptions);
  const isIterable =
    typeof inputs === "object" && inputs !== null && (Symbol.iterator in inputs || Symbol.asyncIterator in inputs);
  if (!isIterable)
    throw new InputError("The inputs of map must be an iterable of arrays or objects, one for each call.");
  const { concurrency = 8, signal, ...each } = mergeOptions<MapOptions>(defaults, options as MapOptions);
  const ended = new AbortController();
  const close = (error: unknown): void => ended.abort(error);
  if (closed) close(closed);
  else running.add(close);
  return new MapLoop<T, Input>({
    inputs,
    concurrency,
    signals: signal ? [signal, ended.signal] : [ended.signal],
    submit: (input) => submit(input, each),
    onEnd: () => running.delete(close),
  });
}

interface Waiter<T> {
  resolve: (result: IteratorResult<MapItem<T>, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * Runs calls with limited concurrency, and yields the outcome of each when it ends. An input is read only when a call can start
 * with it. Leaving the loop, or a signal, cancels the running calls at once.
 *
 * Not an async generator: `return` would have to wait for a pending input.
 */
export class MapLoop<T, Input> implements AsyncIterableIterator<MapItem<T>, undefined> {
  readonly #source: MapSource<T, Input>;
  readonly #inputs: Iterator<Input> | AsyncIterator<Input>;
  readonly #running = new Set<Job<T>>();
  readonly #finished: MapItem<T>[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #index = 0;
  #reading = false;
  #more = true;
  #over = false;
  /** Error that the loop throws once. */
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

  next(): Promise<IteratorResult<MapItem<T>, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#turn();
    });
  }

  async return(): Promise<IteratorResult<MapItem<T>, undefined>> {
    this.#end();
    this.#finished.length = 0;
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
    for (const job of this.#running) void job.cancel();
    this.#running.clear();
    // A pending input is not awaited.
    if (this.#more) Promise.resolve(this.#inputs.return?.()).catch(() => undefined);
    this.#source.onEnd();
  }

  /** Answers waiting readers, and reads another input where the concurrency allows it. */
  #turn(): void {
    while (this.#waiters.length > 0) {
      if (this.#failure) {
        this.#waiters.shift()!.reject(this.#failure.error);
        this.#failure = null;
        this.#finished.length = 0;
        continue;
      }
      const value = this.#finished.shift();
      if (value) this.#waiters.shift()!.resolve({ done: false, value });
      else if (this.#over || (!this.#more && this.#running.size === 0)) {
        this.#end();
        this.#waiters.shift()!.resolve({ done: true, value: undefined });
      } else break;
    }
    const busy = this.#running.size + this.#finished.length;
    if (this.#more && !this.#over && !this.#reading && busy < this.#source.concurrency) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      const next = await this.#inputs.next();
      this.#reading = false;
      if (next.done === true) this.#more = false;
      else if (!this.#over) this.#start(next.value);
      this.#turn();
    } catch (error) {
      this.#more = false;
      this.#fail(error);
    }
  }

  #start(input: Input): void {
    const job = this.#source.submit(input);
    const index = this.#index++;
    this.#running.add(job);
    const finish = (item: MapItem<T>): void => {
      if (this.#running.delete(job)) this.#finished.push(item);
      this.#turn();
    };
    job.result().then(
      (result) => finish({ index, result }),
      (error: Error) => finish({ index, error }),
    );
  }
}
