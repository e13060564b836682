import { setTimeout as sleep } from "node:timers/promises";
import type { Observable } from "rxjs";
import { type CheckedWorker, checkWorker, type WorkerOptions } from "./options.ts";
import { type BatchProgress, ProgressMeter } from "./progress.ts";
import { Member } from "./run/member.ts";
import type { StopOptions } from "./batch.ts";
import type { OpenStore, Rules } from "./store/store.ts";
import { eitherSignal, GRACE, LOOK, rejectOnAbort } from "./waits.ts";

/** Runs inputs of a batch in this process. Made by {@link createWorker}. */
export class BatchWorker {
  readonly #meter: ProgressMeter;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #store: OpenStore | null = null;
  #member: Member | null = null;
  #grace = GRACE;

  constructor(options: () => CheckedWorker) {
    this.#meter = new ProgressMeter(() => this.#progress());
    this.#running = this.#run(options);
    this.#running.catch(() => undefined);
  }

  /** Progress of the batch; completes after `stop()`, and ends with the error after which the worker cannot continue. */
  get progress$(): Observable<BatchProgress> {
    return this.#meter.progress$;
  }

  /** Takes no further inputs, waits for what runs, and closes the store. What runs after `grace` goes back to the store. */
  async stop({ grace = GRACE }: StopOptions = {}): Promise<void> {
    this.#grace = grace;
    this.#ended.abort();
    await this.#running.catch(() => undefined);
  }

  async #run(options: () => CheckedWorker): Promise<void> {
    let failure: { error: unknown } | null = null;
    try {
      const checked = options();
      const signal = eitherSignal(this.#ended.signal, checked.signal);
      const store = (this.#store = await checked.store.open(checked));
      const rules = await waitForRules(store, signal);
      if (rules) {
        const onFatal = (error: unknown): void => {
          failure ??= { error };
          this.#ended.abort();
        };
        this.#member = new Member({ ...checked, store, rules, onRecorded: () => undefined, onFatal });
        this.#meter.start();
        await rejectOnAbort(signal).catch(() => undefined);
      }
    } catch (error) {
      failure ??= { error };
    }
    await this.#end(failure);
  }

  async #end(failure: { error: unknown } | null): Promise<void> {
    await this.#member?.stop(this.#grace);
    const last = await this.#progress("stopped").catch(() => null);
    await this.#store?.close();
    if (failure) this.#meter.fail(failure.error);
    else if (last) this.#meter.complete(last);
  }

  async #progress(stage?: "stopped"): Promise<BatchProgress> {
    const store = this.#store!;
    const now = stage ?? ((await store.isPaused()) ? "paused" : "running");
    return { stage: now, read: 0, ...(await store.counts()), apps: this.#member?.apps ?? [] };
  }
}

/**
 * Runs inputs of a batch that another process feeds. Takes endpoint and rules from the batch, and waits until there is one.
 *
 * @example `const worker = createWorker({ store: redisStore({ url, name: "captions" }), apps: "http://127.0.0.1:7860" });`
 */
export function createWorker(options: WorkerOptions): BatchWorker {
  return new BatchWorker(() => checkWorker(options));
}

/** Returns the rules of the batch when it has begun; `null` after the signal. */
async function waitForRules(store: OpenStore, signal: AbortSignal): Promise<Rules | null> {
  while (!signal.aborted) {
    const rules = await store.rules();
    if (rules) return rules;
    await sleep(LOOK, undefined, { signal }).catch(() => undefined);
  }
  return null;
}
