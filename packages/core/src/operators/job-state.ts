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
 * State of one call: a frozen object, whose `phase` narrows `data` and `error`. `Job.snapshot`, `jobState()`, hooks and
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

/** Fields of a state, without its messages. */
type Fields = Omit<JobStateFields, "logs"> & { phase: JobState["phase"]; data: unknown; error: AnyGradioError | null };

const noLogs: readonly LogEvent[] = Object.freeze([]);
const noFields = { data: undefined, status: null, progress: null, upload: null, error: null };

/** State before a call is made. */
export const initialJobState: IdleState = Object.freeze({ phase: "idle", ...noFields, logs: noLogs });

/** State of a call that was made and has emitted no event. */
export const pendingJobState: PendingState = Object.freeze({ phase: "pending", ...noFields, logs: noLogs });

/**
 * Returns the state after an event or the end of a call. The result is frozen; it is `state` itself where nothing changes.
 *
 * A status `starting` begins a run: outputs of a run before it, which was lost, are dropped. A failed call becomes `error` with its
 * end, which holds the error, not with its last status.
 */
export function nextJobState<T>(state: JobState<T>, input: JobEvent<T> | JobEnd): JobState<T> {
  switch (input.type) {
    case "data":
      return changed(state, { phase: "streaming", data: input.data });
    case "log":
      return build(fieldsOf(state), withLog(logLists.get(state) ?? null, input));
    case "status":
      return withStatus(state, input);
    case "complete":
      return hasEnded(state) ? state : changed(state, succeeded(state));
    default:
      return hasEnded(state) ? state : failed(state, input.error);
  }
}

/**
 * Emits the state of a call: `pending` at once, then after each change. An error becomes a state, too; then the stream completes.
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

/** Returns the progress of the outermost bar, 0 to 1; `null` where there is no bar, or its length is unknown. */
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
  const progress = outermostProgress(progressData);
  const next = { status, progress, upload };
  if (stage === "starting") return changed(state, { ...next, phase: "pending", data: undefined, error: null });
  if (stage === "complete") return changed(state, { ...next, ...succeeded({ progress }) });
  if (stage === "cancelled") return changed(state, { ...next, phase: "cancelled", error: null });
  return changed(state, state.phase === "idle" ? { ...next, phase: "pending" } : next);
}

function hasEnded({ phase }: JobState): boolean {
  return phase === "success" || phase === "error" || phase === "cancelled";
}

function succeeded({ progress }: Pick<JobStateFields, "progress">): Partial<Fields> {
  return { phase: "success", progress: progress === null ? null : 1, error: null };
}

function failed<T>(state: JobState<T>, error: unknown): JobState<T> {
  if (error instanceof CancelledError) return changed(state, { phase: "cancelled", error: null });
  return changed(state, { phase: "error", error: asGradioError(error) });
}

function fieldsOf({ phase, data, status, progress, upload, error }: JobState): Fields {
  return { phase, data, status, progress, upload, error };
}

function changed<T>(state: JobState<T>, change: Partial<Fields>): JobState<T> {
  return build({ ...fieldsOf(state), ...change }, logLists.get(state) ?? null);
}

/** Makes a state. Its array of messages is made when it is read: to copy it with each message would cost the square of their number. */
function build<T>(fields: Fields, list: LogList | null): JobState<T> {
  if (!list) return Object.freeze({ ...fields, logs: noLogs }) as JobState<T>;
  const state = Object.freeze({
    ...fields,
    get logs(): readonly LogEvent[] {
      return arrayOf(list);
    },
  }) as JobState<T>;
  logLists.set(state, list);
  return state;
}

/** Messages of a call, newest first; states share their ends. */
interface LogList {
  readonly event: LogEvent;
  before: LogList | null;
  /** Number of characters of all messages. */
  readonly size: number;
  array: readonly LogEvent[] | null;
}

/** The messages of each state that has some. */
const logLists = new WeakMap<JobState, LogList>();

/** Maximum number of characters of messages that a state keeps. Beyond that, the oldest are dropped. */
const MOST_LOGS = 4 * 1_048_576;

/** Adds a message. The oldest are left out in one go once they are as many as those that are kept. */
function withLog(before: LogList | null, event: LogEvent): LogList {
  const size = event.log.length + (event.title?.length ?? 0) + 100;
  const list: LogList = { event, before, size: (before?.size ?? 0) + size, array: null };
  if (list.size <= 2 * MOST_LOGS) return list;
  return arrayOf(list).reduce<LogList | null>((kept, one) => withLog(kept, one), null)!;
}

function arrayOf(list: LogList): readonly LogEvent[] {
  if (list.array) return list.array;
  const events: LogEvent[] = [];
  for (let one: LogList | null = list; one; one = one.before) {
    if (list.size - one.size > MOST_LOGS) break;
    events.push(one.event);
  }
  return (list.array = Object.freeze(events.toReversed()));
}

/** Returns the error itself where it is one of the SDK; else a `ConnectionError` with the error as its `cause`. */
export function asGradioError(error: unknown): AnyGradioError {
  if (error instanceof GradioError) return error as AnyGradioError;
  return new ConnectionError(error instanceof Error ? error.message : String(error), { cause: error });
}
