import { type Subscription, timer } from "rxjs";
import type { Job } from "../call/job.ts";
import type { JobListeners } from "../call/listeners.ts";
import { CancelledError } from "../errors.ts";
import { initialJobState, type JobState, nextJobState, pendingJobState } from "../operators/job-state.ts";
import { nextFrame$ } from "../operators/audit-frame.ts";
import type { CallOptions } from "../options.ts";
import { callListener } from "../timers.ts";
import type { RunState, StartOptions, UseJobOptions } from "./options.ts";
import { Presence } from "./presence.ts";
import { Store } from "./store.ts";

/** Sends a call. */
export type Send<T> = (data: unknown, options: StartOptions<T>) => Job<T> | Promise<Job<T>>;

/** One requested call. */
interface Run<T> {
  readonly data: unknown;
  readonly options: CallOptions<T>;
  /** Number of mounts when it was requested. */
  readonly mounts: number;
  readonly result: Promise<T>;
  readonly resolve: (result: T | Promise<T>) => void;
  readonly reject: (error: unknown) => void;
  /** Aborted when the call is cancelled before it has a job. */
  readonly abort: AbortController;
  job: Job<T> | null;
  /** Whether the task in which it was requested is over, and it is being sent. */
  isSent: boolean;
  isOver: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const callbackTypes = {
  status: "onStatus",
  data: "onData",
  log: "onLog",
  result: "onResult",
  error: "onError",
} as const;

/**
 * State machine behind hooks and composables: makes one call at a time and shows its state. `run` sends nothing in its own task, and a
 * component that leaves cancels one task later, so that a component that is mounted again in the same task makes one call.
 */
export class RunController<T, Actions extends object> {
  readonly #store: Store<RunState<T> & Actions>;
  readonly #presence: Presence = new Presence(() => this.#leave());
  readonly #actions: Actions;
  readonly #onLeave: () => void;
  #options: UseJobOptions<T> = {};
  #send: Send<T> | null = null;
  #current: Run<T> | null = null;
  readonly #waiting: Run<T>[] = [];
  /** State of the current run that is shown; what waits for the next frame is not in it. */
  #shown: JobState<T>;
  /** The output that stays until the current run has one. */
  #previous: T | undefined;
  #due: Subscription | null = null;

  /**
   * @param actions - functions that are part of each snapshot.
   * @param onLeave - called when the component has left, before what runs is cancelled.
   */
  constructor(actions: Actions, initial: JobState<T> = initialJobState, onLeave: () => void = () => undefined) {
    this.#actions = actions;
    this.#onLeave = onLeave;
    this.#shown = initial;
    this.#store = new Store(this.#view(initial, null, undefined));
  }

  /** Returns the state: the same object until subscribers are notified of another. */
  readonly getSnapshot = (): RunState<T> & Actions => this.#store.getSnapshot();

  /** Calls a listener after each change. Returns a function that removes it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Sets how calls are sent, and their options. Both hold for the callbacks of a call that runs, too. */
  configure(send: Send<T>, options: UseJobOptions<T> = {}): void {
    this.#send = send;
    this.#options = options;
  }

  /** Notes that the component is mounted. Returns a function to call when it is unmounted. */
  attach(): () => void {
    return this.#presence.enter();
  }

  /** Makes a call according to the option `flatten`. */
  run(data: unknown, options: CallOptions<T> = {}): Promise<T> {
    const { flatten = "switch" } = this.#options;
    const current = this.#current;
    // A call that was not sent when its component was unmounted and mounted again belongs to the former mount.
    const isRunning = current && !current.isOver && (current.isSent || current.mounts === this.#presence.mounts);
    if (isRunning && flatten === "exhaust") return current.result;
    const run = this.#make(data, options);
    if (isRunning && flatten === "concat") this.#waiting.push(run);
    else this.#begin(run, 0);
    return run.result;
  }

  /**
   * Makes a call in place of the one that runs.
   *
   * @param delay - milliseconds until it is sent; it is `pending` at once.
   * @param view - snapshot to show, made by `expected`.
   */
  replace(data: unknown, delay: number, view?: RunState<T> & Actions): Promise<T> {
    const run = this.#make(data, {});
    this.#begin(run, delay, view);
    return run.result;
  }

  /** Cancels the call that runs, and those that wait. */
  async cancel(): Promise<boolean> {
    for (const run of this.#waiting.splice(0)) this.#drop(run);
    return this.#current ? await this.#cancel(this.#current) : false;
  }

  /** Cancels the call that runs, and those that wait, and returns to `idle`. */
  reset(view?: RunState<T> & Actions): void {
    const former = this.#current;
    this.#current = null;
    this.#previous = undefined;
    for (const run of this.#waiting.splice(0)) this.#drop(run);
    if (this.#shown !== initialJobState || view) this.#show(initialJobState, null, view);
    if (former) void this.#cancel(former);
  }

  /** Returns the snapshot that a new call, or `reset`, would show. */
  expected(phase: "idle" | "pending"): RunState<T> & Actions {
    return phase === "idle"
      ? this.#view(initialJobState, null, undefined)
      : this.#view(pendingJobState, null, this.#kept());
  }

  #kept(): T | undefined {
    return this.#options.keepPrevious ? this.getSnapshot().data : undefined;
  }

  #make(data: unknown, options: CallOptions<T>): Run<T> {
    let settle!: Pick<Run<T>, "resolve" | "reject">;
    const result = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
    result.catch(() => undefined);
    const { mounts } = this.#presence;
    return {
      data,
      options,
      mounts,
      result,
      ...settle,
      abort: new AbortController(),
      job: null,
      isSent: false,
      isOver: false,
      timer: undefined,
    };
  }

  #begin(run: Run<T>, delay: number, view?: RunState<T> & Actions): void {
    const former = this.#current;
    this.#previous = this.#kept();
    this.#current = run;
    this.#show(pendingJobState, null, view);
    if (former) void this.#cancel(former);
    run.timer = setTimeout(() => void this.#start(run), delay);
  }

  async #start(run: Run<T>): Promise<void> {
    if (this.#presence.hasLeft) return this.#leave();
    run.isSent = true;
    const options = this.#callOptions(run);
    const { signal } = options;
    const abort = (): void => this.#fail(run, signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const job = await this.#send!(run.data, options);
      if (run.isOver) void job.cancel();
      else this.#follow(run, job);
    } catch (error) {
      this.#fail(run, error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #leave(): void {
    this.#onLeave();
    void this.cancel();
  }

  /** Options for the call itself. Its callbacks are added to its job. */
  #callOptions(run: Run<T>): StartOptions<T> {
    const { throttle: _, keepPrevious: _keep, flatten: _flatten, ...given } = this.#options;
    const options: CallOptions<T> & Record<string, unknown> = { ...given, ...run.options };
    for (const name of [...Object.values(callbackTypes), "resultCallbacks", "debounce", "initialData"])
      delete options[name];
    const { signal } = options;
    return {
      ...options,
      signal: signal ? AbortSignal.any([signal, run.abort.signal]) : run.abort.signal,
      onUploadProgress: (progress) => this.#option(run, "onUploadProgress")?.(progress),
    };
  }

  /** Returns an option of a call: its own, else that of the newest render. */
  #option<Name extends keyof CallOptions<T>>(run: Run<T>, name: Name): CallOptions<T>[Name] {
    return run.options[name] ?? this.#options[name];
  }

  #follow(run: Run<T>, job: Job<T>): void {
    run.job = job;
    const notify = (type: keyof JobListeners<T>): void => {
      const listener = (value: unknown): void =>
        (this.#option(run, callbackTypes[type]) as ((value: unknown) => void) | undefined)?.(value);
      job.on(type, listener);
    };
    for (const type of Object.keys(callbackTypes)) notify(type as keyof JobListeners<T>);
    job.on("result", (result) => {
      for (const callback of this.#option(run, "resultCallbacks") ?? []) callListener(callback, result);
    });
    const ended = (): void => this.#end(run, job.snapshot);
    job.events$.subscribe({ next: () => this.#changed(run), error: ended, complete: ended });
    run.resolve(job.result());
  }

  /** Shows the call's newest state when the throttle allows it. */
  #changed(run: Run<T>): void {
    if (run !== this.#current || !run.job) return;
    const { throttle = "frame" } = this.#options;
    const show = (): void => {
      this.#due = null;
      if (run === this.#current && run.job) this.#show(run.job.snapshot, run.job);
    };
    if (throttle === 0) show();
    else this.#due ??= (throttle === "frame" ? nextFrame$ : timer(throttle)).subscribe(show);
  }

  #end(run: Run<T>, state: JobState<T>): void {
    run.isOver = true;
    if (run !== this.#current) return;
    this.#show(state, run.job);
    const next = this.#waiting.shift();
    if (next) this.#begin(next, 0);
  }

  /** Ends a call that has no job, as it could not be sent, or its signal was aborted before. */
  #fail(run: Run<T>, error: unknown): void {
    if (run.isOver) return;
    run.reject(error);
    const wasAborted = this.#option(run, "signal")?.aborted === true;
    const state = nextJobState<T>(pendingJobState, {
      type: "error",
      error: wasAborted ? new CancelledError("The call was aborted.", { cause: error }) : error,
    });
    this.#end(run, state);
    const { onError } = { ...this.#options, ...run.options };
    if (onError) callListener(onError, error);
  }

  async #cancel(run: Run<T>): Promise<boolean> {
    if (run.isOver) return false;
    if (run.job) return await run.job.cancel();
    this.#drop(run);
    this.#end(run, nextJobState<T>(pendingJobState, { type: "error", error: run.abort.signal.reason }));
    return true;
  }

  /** Cancels a call that has no job. Its state is not shown. */
  #drop(run: Run<T>): void {
    run.isOver = true;
    clearTimeout(run.timer);
    run.abort.abort(new CancelledError("The call was cancelled before it was sent."));
    run.reject(run.abort.signal.reason);
  }

  #show(state: JobState<T>, job: Job<T> | null, view?: RunState<T> & Actions): void {
    this.#due?.unsubscribe();
    this.#due = null;
    const { job: shownJob } = this.getSnapshot();
    if (state === this.#shown && job === shownJob && !view && state !== pendingJobState) return;
    this.#shown = state;
    this.#store.publish(view ?? this.#view(state, job, this.#previous));
  }

  #view(state: JobState<T>, job: Job<T> | null, previous: T | undefined): RunState<T> & Actions {
    const { phase } = state;
    const isPrevious = state.data === undefined && previous !== undefined && phase !== "idle";
    let outputs: readonly T[] | null = null;
    const view = {
      ...state,
      data: isPrevious ? previous : state.data,
      isPending: phase === "pending" || phase === "streaming",
      isPrevious,
      job,
      get outputs(): readonly T[] {
        return (outputs ??= job ? job.outputs() : []);
      },
      ...this.#actions,
    };
    return Object.freeze(view as unknown as RunState<T> & Actions);
  }
}
