/** Stage of a call. The last three are terminal: exactly one of them ends each job. */
export type Stage =
  | "starting"
  | "uploading"
  | "queued"
  | "processing"
  | "generating"
  | "complete"
  | "error"
  | "cancelled";

/** One progress bar of the app. It has either `progress`, or `index` with or without `length`. */
export interface ProgressBar {
  /** Number of steps that are done, or `null`. */
  index: number | null;
  /** Number of all steps, or `null` where unknown. */
  length: number | null;
  /** Unit of `index`, such as `"steps"`, or `null`. */
  unit: string | null;
  /** Fraction that is done, from 0 to 1, or `null`. */
  progress: number | null;
  /** Description, or `null`. */
  desc: string | null;
}

/** Status of a call. Durations are in milliseconds. */
export interface StatusUpdate {
  /** Stage of the call. */
  stage: Stage;
  /** One line that can be shown to users, such as `In queue: position 2 of 5, about 12 s`. */
  msg: string;
  /** Whether the job succeeded; `null` until it has ended, `false` for a cancelled job. */
  success: boolean | null;
  /** Time of this status. */
  time: Date;
  /** Progress bars of the app, the outermost first; `null` for none. */
  progressData: ProgressBar[] | null;
  /** Position in the queue, 0 for the next call; `null` where unknown. The last known value stays. */
  rank: number | null;
  /** Number of calls in the queue; `null` where unknown. The last known value stays. */
  queueSize: number | null;
  /** Bytes of the call's files that were sent, and of all its files together, while `stage` is `"uploading"`; else `null`. */
  upload: { sent: number; total: number } | null;
  /** Expected time until the result while the call is queued, then of the run; `null` where unknown. */
  eta: number | null;
  /** Number of the submission: 1, and more after a resubmission. */
  attempt: number;
  /** Time that a streaming call may still run; `null` for no limit. */
  timeLimit: number | null;
  /** Whether the result came from the cache of the app; `null` where unknown. */
  usedCache: "full" | "partial" | null;
  /** Time that the lookup in the cache took; `null` where unknown. */
  cacheDuration: number | null;
  /** Average duration of a run of this function; `null` where unknown. */
  averageDuration: number | null;
}

/** Fields of every event of a call. */
export interface EventBase {
  /** API name of the endpoint, with its slash. */
  endpoint: string;
  /** Index of the function in the app; -1 for a call whose endpoint does not exist. */
  fnIndex: number;
  /** The app's id of the call; `null` until the app has assigned one. */
  eventId: string | null;
  /** Time at which the event was received. */
  time: Date;
}

/** A change of status. */
export interface StatusEvent extends EventBase, StatusUpdate {
  type: "status";
  /** Time of the status. */
  time: Date;
}

/** A part of an output that differs from the previous output. */
export interface Change {
  /** Position among the visible outputs. */
  output: number;
  /** Keys and indexes from the value of the output to the changed part; `[]` for the whole value. */
  path: readonly (string | number)[];
}

/**
 * One output of a call. It never changes after it was emitted. Treat it as read-only: later outputs share the parts that did
 * not change.
 */
export interface DataEvent<T = unknown> extends EventBase {
  type: "data";
  /** The value where the endpoint has one visible output, an array where it has several, `null` where it has none. */
  data: T;
  /** One element for each visible output. A component update is complete here, while `data` has only its value. */
  outputs: unknown[];
  /** Whether the output came with the completion of the call; `false` for all outputs of a generator. */
  final: boolean;
  /** Parts that differ from the previous output, from the diffs of the app; `null` where unknown. */
  changed: Change[] | null;
}

/** A message of the function for its user, such as `gr.Info`. */
export interface LogEvent extends EventBase {
  type: "log";
  /** Severity of the message. */
  level: "info" | "warning" | "success" | "error";
  /** Text as the app sent it. It may hold HTML: do not insert it into a page unsanitized. */
  log: string;
  /** Title, or `null`. It may hold HTML, too. */
  title: string | null;
  /** Time for which the app's page would show it, in milliseconds; `null`: until it is closed. */
  duration: number | null;
  /** Whether the app's page would show it. */
  visible: boolean;
}

/** Any event of a call; `type` distinguishes them. */
export type JobEvent<T = unknown> = StatusEvent | DataEvent<T> | LogEvent;
