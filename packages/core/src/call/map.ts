import { InputError } from "../errors.ts";
import { type CallOptions, checkOptions, type MapOptions, mergeOptions } from "../options.ts";
import { mapOptions } from "./call-options.ts";
import type { Job } from "./job.ts";

/** What became of one input of `Client.map`; `index` counts the inputs from 0. Where `error` is `undefined`, there is a result. */
export type MapItem<T> =
  | { index: number; result: T; error?: undefined }
  | { index: number; error: Error; result?: undefined };

/** What `Client.map` goes through: read no further than needed. */
export type Inputs<Input> = Iterable<Input> | AsyncIterable<Input>;

/** What `map` runs. */
export interface MapSource<T, Input> {
  inputs: Inputs<Input>;
  /** Most calls in flight; what has ended and was not yet taken counts, too. */
  concurrency: number;
  /** Each ends the loop with its reason, and cancels what is in flight. */
  signals: readonly AbortSignal[];
  submit: (input: Input) => Job<T>;
  /** Called once, when the loop is over, in whatever way. */
  onEnd: () => void;
}

/** What a loop needs of the client. */
export interface MapClient<T, Input> {
  /** Options of its calls that `map` was not given. */
  defaults: CallOptions;
  /** Ends the calls and transfers of the client that are running, each with an error. */
  running: Set<(error: unknown) => void>;
  /** Why nothing can run any more; `null` while the client is open. */
  closed: unknown;
  submit: (input: Input, options: CallOptions) => Job<T>;
}

/**
 * The loop of `Client.map`.
 *
 * @throws InputError for inputs that nobody can go through, and for wrong options.
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
 * Runs many calls, a few at a time, and yields each as it ends. Inputs are read no further than needed. Leaving the loop
 * cancels what is in flight; so does a signal, at once.
 *
 * By hand, as an async generator would let nobody leave while it waits for an input.
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
  /** What the loop throws, once. */
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

  /** Nothing is read, and nothing runs any longer. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const signal of this.#source.signals) signal.removeEventListener("abort", this.#abort);
    for (const job of this.#running) void job.cancel();
    this.#running.clear();
    // An input that is still being waited for is not waited for any longer.
    if (this.#more) Promise.resolve(this.#inputs.return?.()).catch(() => undefined);
    this.#source.onEnd();
  }

  /** Hands out what there is to those who wait, and reads on where there is room. */
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
