import { setTimeout as sleep } from "node:timers/promises";
import type { Observable } from "rxjs";
import { type BatchOptions, type CheckedBatch, checkBatch, storeOf } from "./options.ts";
import { type BatchProgress, ProgressMeter } from "./progress.ts";
import type { BatchRecord, FailureRecord } from "./records.ts";
import { exportRecords, type ExportFiles, readStored, toRecord } from "./results.ts";
import { Feeder } from "./run/feeder.ts";
import { Member } from "./run/member.ts";
import { stopped } from "./run/runner.ts";
import type { OpenStore, Store } from "./store/store.ts";
import { eitherSignal, GRACE, LOOK, rejectOnAbort } from "./waits.ts";

/** Numbers of records of a batch. */
export interface BatchTotals {
  succeeded: number;
  failed: number;
}

/** Options of `Batch.stop`. */
export interface StopOptions {
  /** Time after which running calls are cancelled, in milliseconds. Their inputs are run by the next process. Default 30 000. */
  grace?: number | undefined;
}

/** A batch of inputs. Made by {@link runBatch} or {@link openBatch}. */
export class Batch<T = unknown> {
  /**
   * Resolves to the numbers of all records in the store, when every input is recorded. Rejects with `InputError` for invalid options or a
   * store of another batch; with the error of the copies when all of them refuse; with what `inputs` throws; with `CancelledError` after
   * `stop()`; with the reason of an aborted `signal`.
   */
  readonly done: Promise<BatchTotals>;
  readonly #opened: Promise<OpenStore>;
  readonly #meter: ProgressMeter;
  readonly #ended = new AbortController();
  #feeder: Feeder | null = null;
  #member: Member | null = null;
  #grace = GRACE;
  #closing: Promise<void> | undefined;
  #isSettled = false;

  /** @param options - options of a batch that runs; a store for one that only looks. */
  constructor(options: () => CheckedBatch | { store: Store }) {
    this.#meter = new ProgressMeter(() => this.#progress());
    const checked = settle(options);
    const warn = (message: string): void => void checked.then((given) => "warn" in given && given.warn(message));
    this.#opened = checked.then(({ store }) => store.open({ warn }));
    this.done = this.#run(checked);
    // A batch without a reader raises no unhandled rejection.
    this.#opened.catch(() => undefined);
    this.done.catch(() => undefined);
  }

  /** Progress: the latest value, then at most four a second. The last value agrees with `done`. Ends with the error of `done`. */
  get progress$(): Observable<BatchProgress> {
    return this.#meter.progress$;
  }

  /**
   * Yields every record once, the ones of earlier runs too, and follows the batch to its end.
   *
   * @throws the error of `done`, after the last record.
   */
  async *results(): AsyncGenerator<BatchRecord<T>, void> {
    for await (const record of readStored(this.#source())) yield toRecord<T>(record);
  }

  /** Yields the records of failures alone; see {@link results}. */
  async *deadLetters(): AsyncGenerator<FailureRecord, void> {
    for await (const record of this.results()) if (record.error) yield record;
  }

  /**
   * Runs dead letters again: all, or those of some keys. Those whose input is not JSON are left out. A batch that has ended, or only looks,
   * leaves them to the next run.
   *
   * @returns the number of inputs.
   */
  async retry(keys?: Iterable<string>): Promise<number> {
    const store = await this.#opened;
    const number = await store.retry(keys === undefined ? undefined : [...keys]);
    if (this.#feeder && !this.#isSettled) await this.#feeder.feedRetried();
    else if (store.isShared) for await (const tasks of store.retried()) await store.add(tasks);
    return number;
  }

  /** Starts no further inputs, in all processes. What runs goes on. */
  async pause(): Promise<void> {
    await (await this.#opened).setPaused(true);
  }

  /** Continues after `pause()`. */
  async resume(): Promise<void> {
    await (await this.#opened).setPaused(false);
  }

  /** Starts no further inputs in this process, and waits for what runs. `done` rejects with `CancelledError`. */
  async stop({ grace = GRACE }: StopOptions = {}): Promise<void> {
    this.#grace = grace;
    this.#ended.abort(stopped());
    await this.done.catch(() => undefined);
  }

  /** Ends the batch in this process, as `stop` without grace, and closes the store, so that the process can end. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.stop({ grace: 0 });
      await this.#opened.then(
        (store) => store.close(),
        () => undefined,
      );
    })();
    return this.#closing;
  }

  /** Writes the records as lines of JSON, when the batch has ended. A file gets its name when it is complete. */
  async export(files: ExportFiles): Promise<void> {
    await exportRecords(this.#source(), files);
  }

  #source(): { store: Promise<OpenStore>; done: Promise<unknown> } {
    return { store: this.#opened, done: this.done };
  }

  async #run(checked: Promise<CheckedBatch | { store: Store }>): Promise<BatchTotals> {
    try {
      const options = await checked;
      if ("rules" in options) await this.#feed(await this.#opened, options);
      else await this.#watch(await this.#opened);
      const last = await this.#progress("complete");
      this.#meter.complete(last);
      return { succeeded: last.succeeded, failed: last.failed };
    } catch (error) {
      this.#meter.fail(error);
      throw error;
    } finally {
      this.#isSettled = true;
    }
  }

  /** Feeds the inputs and runs them, until all are recorded. */
  async #feed(store: OpenStore, options: CheckedBatch): Promise<void> {
    const { rules, concurrency } = options;
    const signal = eitherSignal(this.#ended.signal, options.signal);
    try {
      signal.throwIfAborted();
      await store.begin(rules);
      const feeder = (this.#feeder = new Feeder({ ...options, store, signal }));
      const onRecorded = (key: string): void => feeder.recorded(key);
      const onFatal = (error: unknown): void => this.#ended.abort(error);
      if (concurrency > 0) this.#member = new Member({ ...options, store, onRecorded, onFatal });
      this.#meter.start();
      const fed = feeder.run();
      // After the signal, nothing waits for a store whose server is away.
      fed.catch(() => undefined);
      await Promise.race([fed, rejectOnAbort(signal)]);
    } finally {
      await this.#member?.stop(signal.aborted ? this.#grace : 0);
    }
  }

  /** Waits until nothing of the store waits or runs. */
  async #watch(store: OpenStore): Promise<void> {
    const { signal } = this.#ended;
    this.#meter.start();
    for (;;) {
      signal.throwIfAborted();
      const { queued, running } = await store.counts();
      if (!store.isShared || queued + running === 0) return;
      await sleep(LOOK, undefined, { signal }).catch(() => undefined);
    }
  }

  async #progress(last?: "complete"): Promise<BatchProgress> {
    const store = await this.#opened;
    const stage = last ?? ((await store.isPaused()) ? "paused" : "running");
    const { queued, running, succeeded, failed } = await store.counts();
    const apps = this.#member?.apps ?? [];
    return { stage, read: this.#feeder?.read ?? 0, queued, running, succeeded, failed, apps };
  }
}

/**
 * Runs inputs through one or several copies of an app, and keeps one record for each key. Returns at once. After the death of the process,
 * the same call continues: what is recorded does not run again.
 *
 * @example
 * ```ts
 * const batch = runBatch({ store: "captions.sqlite", apps: ["me/captions", "http://gpu-2:7860"], endpoint: "/caption", inputs });
 * for await (const { key, result, error } of batch.results()) save(key, result ?? error);
 * await batch.close();
 * ```
 */
export function runBatch<T = unknown, Input = unknown>(options: BatchOptions<Input>): Batch<T> {
  return new Batch<T>(() => checkBatch(options));
}

/** Opens the store of a batch to look at it: `done` resolves when nothing waits or runs. Reads no inputs, and runs nothing. */
export function openBatch<T = unknown>(store: string | Store): Batch<T> {
  return new Batch<T>(() => ({ store: storeOf(store) }));
}

/** Runs a check later, so that its error is a rejection. */
async function settle<R>(work: () => R): Promise<R> {
  return work();
}
