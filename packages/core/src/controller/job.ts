import type { CallOptions } from "../options.ts";
import type { JobActions, RunState, UseJobOptions } from "./options.ts";
import { RunController, type Send } from "./run.ts";

/** Destination of the calls of `useJob`. */
export interface JobTarget {
  /** The client's connection; `null` for an endpoint that is a `start` function. */
  connection: unknown;
  /** The endpoint; `null` for a `start` function, which is not compared. */
  endpoint: string | number | null | undefined;
}

/** State of a call, with its functions. */
export type JobHookState<T, Data> = RunState<T> & JobActions<T, Data>;

/** State machine of `useJob`: makes a call when `run` is called, and returns to `idle` when its target changes. */
export class JobController<T, Data> {
  readonly #runs: RunController<T, JobActions<T, Data>>;
  #target: JobTarget;
  readonly #idle: JobHookState<T, Data>;

  constructor(target: JobTarget) {
    this.#target = target;
    this.#runs = new RunController<T, JobActions<T, Data>>({
      run: (data?: Data, options?: CallOptions<T>) => this.#runs.run(data, options),
      cancel: () => this.#runs.cancel(),
      reset: () => this.#runs.reset(),
    });
    this.#idle = this.#runs.getSnapshot();
  }

  /** Returns the state: the same object until subscribers are notified of another. */
  readonly getSnapshot = (): JobHookState<T, Data> => this.#runs.getSnapshot();

  /** Calls a listener after each change. Returns a function that removes it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#runs.subscribe(listener);

  /** Sets how calls are sent, and their options. */
  configure(send: Send<T>, options?: UseJobOptions<T>): void {
    this.#runs.configure(send, options);
  }

  /** Notes that the component is mounted. Returns a function to call when it is unmounted. */
  attach(): () => void {
    return this.#runs.attach();
  }

  /** Returns the state for a target: `idle` where it is another one than the current, whose call `setTarget` will cancel. */
  peek(target: JobTarget): JobHookState<T, Data> {
    return this.#isCurrent(target) ? this.getSnapshot() : this.#idle;
  }

  /** Sets the target. Where it is another one, cancels what runs and returns to `idle`. */
  setTarget(target: JobTarget): void {
    if (this.#isCurrent(target)) return;
    this.#target = target;
    this.#runs.reset(this.#idle);
  }

  #isCurrent({ connection, endpoint }: JobTarget): boolean {
    return connection === this.#target.connection && endpoint === this.#target.endpoint;
  }
}
