import type { Job } from "../call/job.ts";
import type {
  JobStateFields,
  CancelledState,
  ErrorState,
  IdleState,
  StreamingState,
  SuccessState,
} from "../operators/job-state.ts";
import type { CallOptions } from "../options.ts";

/** Options of a call that callers give a `start` function: those of the call, with a signal that is aborted when the call is cancelled. */
export interface StartOptions<T = unknown> extends CallOptions<T> {
  signal: AbortSignal;
}

/** A call of another kind than an endpoint of the provider's app: of another client, or of a relay. */
export interface Starter<T = unknown, Data = unknown> {
  /** Starts the call. The job's callbacks are added by the caller. */
  start: (data: Data, options: StartOptions<T>) => Job<T> | Promise<Job<T>>;
}

/** Options of hooks and composables, in addition to those of a call. */
export interface RunOptions<T = unknown> extends CallOptions<T> {
  /**
   * Maximum rate of renders while outputs arrive: `"frame"` for one per frame, or the number of milliseconds between two; 0 renders each
   * event. The start and the end of a call are rendered at once. Default `"frame"`.
   */
  throttle?: "frame" | number | undefined;
  /** Whether `data` stays until the first output of the next run. Default `false`; of predictions `true`. */
  keepPrevious?: boolean | undefined;
}

/** Options of `useJob`. */
export interface UseJobOptions<T = unknown> extends RunOptions<T> {
  /**
   * Effect of `run` while a call runs: `"switch"` cancels that call at the server, `"exhaust"` returns its promise, `"concat"` waits for its
   * end. Default `"switch"`.
   */
  flatten?: "switch" | "exhaust" | "concat" | undefined;
}

/** Options of `usePrediction`. */
export interface UsePredictionOptions<T = unknown> extends RunOptions<T> {
  /** Milliseconds without a change after which new data is sent. The first data is sent at once. Default 0. */
  debounce?: number | undefined;
  /** Result of the first data: nothing is sent until the data changes. */
  initialData?: T | undefined;
}

/** The call was made and has no output yet. */
export interface PendingRun<T> extends JobStateFields {
  readonly phase: "pending";
  /** The last output of the run before with `keepPrevious`, else `undefined`. */
  readonly data: T | undefined;
  readonly error: null;
}

/** Fields that hooks and composables add to the state of a call. */
export interface RunFields<T> {
  /** Whether the call is `pending` or `streaming`. */
  readonly isPending: boolean;
  /** Whether `data` belongs to a run before this one. */
  readonly isPrevious: boolean;
  /** The call's job; `null` before it is sent. */
  readonly job: Job<T> | null;
  /** All outputs of the call, oldest first. Made when it is read. */
  readonly outputs: readonly T[];
}

/** State of a call in a hook or a composable, distinguished by `phase`. */
export type RunState<T = unknown> = RunFields<T> &
  (IdleState | PendingRun<T> | StreamingState<T> | SuccessState<T> | ErrorState<T> | CancelledState<T>);

/** Functions of `useJob`. They never change. */
export interface JobActions<T, Data> {
  /**
   * Makes a call. It waits for the connection, and connects again where that had failed. Nothing is sent before the next task.
   *
   * @param options - options of this call, in addition to those of the hook, such as `onResult`.
   * @returns the result. It rejects with the error of the call, and with `CancelledError` if the call is cancelled. A rejection
   *   without a handler is not reported.
   */
  readonly run: (data?: Data, options?: CallOptions<T>) => Promise<T>;
  /** Cancels the call at the server, and those that wait; see `Job.cancel`. */
  readonly cancel: () => Promise<boolean>;
  /** Cancels the call and returns to `idle`. */
  readonly reset: () => void;
}

/** Functions of `usePrediction`. They never change. */
export interface PredictionActions<T> {
  /** Cancels the call at the server; see `Job.cancel`. */
  readonly cancel: () => Promise<boolean>;
  /** Runs again with the same data. Returns the result; a rejection without a handler is not reported. */
  readonly rerun: () => Promise<T>;
}
