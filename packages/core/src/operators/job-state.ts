import {
  distinctUntilChanged,
  materialize,
  type ObservableNotification,
  type OperatorFunction,
  pipe,
  scan,
  startWith,
} from "rxjs";
import { type AnyGradioError, CancelledError, ConnectionError, GradioError } from "../errors.ts";
import type { JobEvent, LogEvent, ProgressBar, StatusEvent, StatusUpdate } from "../events.ts";

/** Fields of a {@link JobState} that have the same type in every phase. */
export interface JobStateFields {
  /** The latest status; `null` before the first. */
  readonly status: StatusUpdate | null;
  /** Messages of the app's function, oldest first. */
  readonly logs: readonly LogEvent[];
  /** Progress of the app's outermost bar, 0 to 1; `null` while the app shows none. */
  readonly progress: number | null;
  /** Bytes of the call's files that were sent, and of all its files together; `null` while no file is being sent. */
  readonly upload: { readonly sent: number; readonly total: number } | null;
}

/** No call was made. */
export interface IdleState extends JobStateFields {
  readonly phase: "idle";
  readonly data: undefined;
  readonly error: null;
}

/** The call was made and has no output yet. */
export interface PendingState extends JobStateFields {
  readonly phase: "pending";
  readonly data: undefined;
  readonly error: null;
}

/** The call runs and has given an output. */
export interface StreamingState<T> extends JobStateFields {
  readonly phase: "streaming";
  /** The newest output. */
  readonly data: T;
  readonly error: null;
}

/** The call has ended with its result. */
export interface SuccessState<T> extends JobStateFields {
  readonly phase: "success";
  /** The last output. */
  readonly data: T;
  readonly error: null;
}

/** The call has failed. */
export interface ErrorState<T> extends JobStateFields {
  readonly phase: "error";
  /** The newest output before the failure; `undefined` without one. */
  readonly data: T | undefined;
  /** The call's error. An error of another kind is the `cause` of a `ConnectionError`. */
  readonly error: AnyGradioError;
}

/** The call was cancelled, by `cancel()` or by its `signal`. */
export interface CancelledState<T> extends JobStateFields {
  readonly phase: "cancelled";
  /** The newest output before the cancel; `undefined` without one. */
  readonly data: T | undefined;
  readonly error: null;
}

/**
 * State of one call: a frozen object, told apart by `phase`, which narrows `data` and `error`. `Job.snapshot`, `jobState()`, hooks and
 * composables show it.
 */
export type JobState<T = unknown> =
  | IdleState
  | PendingState
  | StreamingState<T>
  | SuccessState<T>
  | ErrorState<T>
  | CancelledState<T>;

/** End of a call's stream: its completion, or its error. */
export type JobEnd = { type: "complete" } | { type: "error"; error: unknown };

const noLogs: readonly LogEvent[] = Object.freeze([]);
const emptyFields = { data: undefined, status: null, logs: noLogs, progress: null, upload: null, error: null };

/** State before a call is made. */
export const initialJobState: IdleState = Object.freeze({ phase: "idle", ...emptyFields });

/** State of a call that was made and has emitted no event. */
export const pendingJobState: PendingState = Object.freeze({ phase: "pending", ...emptyFields });

/**
 * Returns the state after an event or the end of a call. The result is frozen; it is `state` itself where nothing changes.
 *
 * A status `starting` begins a run: outputs of a run before it, which was lost, are dropped. A failed call becomes `error` with its
 * end, which holds the error, not with its last status.
 */
export function nextJobState<T>(state: JobState<T>, input: JobEvent<T> | JobEnd): JobState<T> {
  switch (input.type) {
    case "data":
      return Object.freeze({ ...state, phase: "streaming", data: input.data, error: null });
    case "log":
      return Object.freeze({ ...state, logs: Object.freeze([...state.logs, input]) });
    case "status":
      return withStatus(state, input);
    case "complete":
      return hasEnded(state) ? state : succeeded(state);
    default:
      return hasEnded(state) ? state : failed(state, input.error);
  }
}

/**
 * Shows a call's events as its state: `pending` at once, then each change. An error is a state too: the stream completes after it.
 *
 * @example
 * ```ts
 * client.observe<string>("/write", ["cats"]).pipe(jobState()).subscribe(({ phase, data }) => show(phase, data));
 * ```
 */
export function jobState<T>(): OperatorFunction<JobEvent<T>, JobState<T>> {
  return pipe(
    materialize<JobEvent<T>>(),
    scan((state: JobState<T>, notification) => nextJobState(state, inputOf(notification)), pendingJobState),
    startWith<JobState<T>>(pendingJobState),
    distinctUntilChanged(),
  );
}

function inputOf<T>(notification: ObservableNotification<JobEvent<T>>): JobEvent<T> | JobEnd {
  if (notification.kind === "N") return notification.value;
  return notification.kind === "E" ? { type: "error", error: notification.error } : { type: "complete" };
}

/** Progress of the outermost bar, 0 to 1; `null` where there is no bar, or its length is unknown. */
export function outermostProgress(bars: readonly ProgressBar[] | null): number | null {
  const bar = bars?.[0];
  if (!bar) return null;
  const { progress, index, length } = bar;
  const value = progress ?? (index !== null && length ? index / length : null);
  return value === null ? null : Math.min(1, Math.max(0, value));
}

function withStatus<T>(state: JobState<T>, event: StatusEvent): JobState<T> {
  const { type: _, endpoint: _endpoint, fnIndex: _index, eventId: _id, ...status } = event;
  Object.freeze(status);
  const { stage, progressData, upload } = status;
  const next = { ...state, status, progress: outermostProgress(progressData), upload } as JobState<T>;
  if (stage === "starting") return Object.freeze({ ...next, phase: "pending", data: undefined, error: null });
  if (stage === "complete") return succeeded(next);
  if (stage === "cancelled") return Object.freeze({ ...next, phase: "cancelled", error: null });
  if (next.phase === "idle") return Object.freeze({ ...next, phase: "pending" });
  return Object.freeze(next);
}

function hasEnded({ phase }: JobState): boolean {
  return phase === "success" || phase === "error" || phase === "cancelled";
}

function succeeded<T>(state: JobState<T>): JobState<T> {
  const progress = state.progress === null ? null : 1;
  return Object.freeze({ ...state, phase: "success", data: state.data as T, progress, error: null });
}

function failed<T>(state: JobState<T>, error: unknown): JobState<T> {
  if (error instanceof CancelledError) return Object.freeze({ ...state, phase: "cancelled", error: null });
  return Object.freeze({ ...state, phase: "error", error: asGradioError(error) });
}

/** The error itself where it is one of the SDK; else a `ConnectionError` with the error as its `cause`. */
export function asGradioError(error: unknown): AnyGradioError {
  if (error instanceof GradioError) return error as AnyGradioError;
  return new ConnectionError(error instanceof Error ? error.message : String(error), { cause: error });
}
