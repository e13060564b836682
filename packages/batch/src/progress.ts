import { type Observable, ReplaySubject } from "rxjs";
import type { AppState } from "./copies/copy.ts";

/** Progress of a batch, as one process sees it. */
export interface BatchProgress {
  /** `"stopped"` and `"failed"` are followed by the end of the Observable with an error. */
  stage: "running" | "paused" | "complete" | "stopped" | "failed";
  /** Inputs that this process has read. */
  read: number;
  /** Inputs that wait for a worker, of all processes. */
  queued: number;
  /** Inputs that a worker has taken, of all processes. */
  running: number;
  /** Records of successes in the store. */
  succeeded: number;
  /** Records of failures in the store. */
  failed: number;
  /** Copies of the app, as this process sees them. */
  apps: AppState[];
}

/** Time between two values, in milliseconds. */
const INTERVAL = 250;

/** Emits the progress of a batch: the latest value to late readers, at most four values a second, and one at the end. */
export class ProgressMeter {
  readonly #subject = new ReplaySubject<BatchProgress>(1);
  readonly #sample: () => Promise<BatchProgress>;
  #timer: NodeJS.Timeout | undefined;
  #last = "";
  #isOver = false;

  /** @param sample - returns the current progress. */
  constructor(sample: () => Promise<BatchProgress>) {
    this.#sample = sample;
  }

  get progress$(): Observable<BatchProgress> {
    return this.#subject.asObservable();
  }

  start(): void {
    if (!this.#isOver) void this.#tick();
  }

  complete(last: BatchProgress): void {
    this.#end();
    this.#subject.next(last);
    this.#subject.complete();
  }

  fail(error: unknown): void {
    this.#end();
    this.#subject.error(error);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #tick(): Promise<void> {
    const value = await this.#sample().catch(() => null);
    if (this.#isOver) return;
    const text = JSON.stringify(value);
    if (value && text !== this.#last) this.#subject.next(value);
    this.#last = text;
    this.#timer = setTimeout(() => void this.#tick(), INTERVAL);
  }
}
