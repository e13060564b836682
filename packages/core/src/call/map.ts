import type { Job } from "./job.ts";

/** What became of one input of `Client.map`; `index` counts the inputs from 0. */
export type MapItem<T> =
  | { index: number; result: T; error?: undefined }
  | { index: number; error: unknown; result?: undefined };

/** What `map` runs. */
export interface MapSource<T, Input> {
  inputs: Iterable<Input> | AsyncIterable<Input>;
  /** Most calls in flight. */
  concurrency: number;
  signal: AbortSignal | undefined;
  submit: (input: Input) => Job<T>;
}

/**
 * Runs many calls, at most `concurrency` of them at once, and yields each as it ends. Inputs are read no further than
 * needed. Leaving the loop cancels what is in flight; so does the signal, whose reason the loop then throws.
 */
export async function* mapCalls<T, Input>(source: MapSource<T, Input>): AsyncGenerator<MapItem<T>, void, undefined> {
  const { signal, concurrency, submit } = source;
  signal?.throwIfAborted();
  const inputs = iterator(source.inputs);
  const running = new Set<Job<T>>();
  const finished: MapItem<T>[] = [];
  let index = 0;
  let reading = false;
  let more = true;
  let failure: { error: unknown } | null = null;
  let wake = (): void => undefined;

  const abort = (): void => fail(signal?.reason);
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  const start = (input: Input): void => {
    const job = submit(input);
    const at = index++;
    running.add(job);
    const end = (item: MapItem<T>): void => {
      running.delete(job);
      finished.push(item);
      wake();
    };
    job.result().then(
      (result) => end({ index: at, result }),
      (error: unknown) => end({ index: at, error }),
    );
  };
  const read = async (): Promise<void> => {
    reading = true;
    const next = await inputs.next();
    reading = false;
    if (next.done === true) more = false;
    else if (!failure) start(next.value);
    wake();
  };

  signal?.addEventListener("abort", abort, { once: true });
  try {
    while (more || running.size > 0 || finished.length > 0) {
      if (more && !reading && running.size < concurrency) read().catch(fail);
      if (failure) throw (failure as { error: unknown }).error;
      const item = finished.shift();
      if (item) yield item;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    failure ??= { error: undefined };
    for (const job of running) void job.cancel();
    // An input that is still being waited for is not waited for any longer.
    if (more) void Promise.resolve(inputs.return?.()).catch(() => undefined);
  }
}

function iterator<Input>(inputs: Iterable<Input> | AsyncIterable<Input>): Iterator<Input> | AsyncIterator<Input> {
  return Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
}
