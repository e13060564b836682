/** Where a call stands. The last three are terminal; exactly one of them ends every job. */
export type Stage =
  | "starting"
  | "uploading"
  | "queued"
  | "processing"
  | "generating"
  | "complete"
  | "error"
  | "cancelled";

/** One progress bar of the app. Either `progress` is set (0 … 1), or `index` with or without `length`. */
export interface ProgressBar {
  index: number | null;
  length: number | null;
  /** What `index` counts, such as `"steps"`. */
  unit: string | null;
  progress: number | null;
  desc: string | null;
}

/** Where a call stands, with all that the app has said of it. Durations are in milliseconds. */
export interface StatusUpdate {
  stage: Stage;
  /** One line for a person, such as `In queue: position 2 of 5, about 12 s`. */
  msg: string;
  /** `null` until the job has ended, then whether it gave its result. A cancelled job counts as `false`. */
  success: boolean | null;
  time: Date;
  /** The app's progress bars, outermost first; `null` where it has shown none. */
  progressData: ProgressBar[] | null;
  /** Place in the queue, 0 is next; `null` when unknown. The last known value stays. */
  rank: number | null;
  /** How many calls wait in that queue; `null` when unknown. The last known value stays. */
  queueSize: number | null;
  /** Bytes of the call's files that were sent, and of all its files together, while `stage` is `"uploading"`; else `null`. */
  upload: { sent: number; total: number } | null;
  /** Expected time until the result (in the queue) or of the run (once it began); `null` when unknown. */
  eta: number | null;
  /** 1, and more after a resubmission. */
  attempt: number;
  /** How long a streaming call may still run; `null` when the app sets no limit. */
  timeLimit: number | null;
  /** Whether the app answered from its cache; `null` when it does not say. */
  usedCache: "full" | "partial" | null;
  /** How long the cached answer took to find; `null` when the app does not say. */
  cacheDuration: number | null;
  /** How long this function takes on average; `null` when the app does not say. */
  averageDuration: number | null;
}

/** What every event of a call tells. */
export interface EventBase {
  /** API name of the endpoint, with its slash. */
  endpoint: string;
  /** The function's index in the app; -1 when the call named no endpoint of the app. */
  fnIndex: number;
  /** The app's id of the call; `null` until it assigned one. */
  eventId: string | null;
  time: Date;
}

/** A change of status. */
export interface StatusEvent extends EventBase, StatusUpdate {
  type: "status";
  time: Date;
}

/** What differs from the output before: which output, and where in it. */
export interface Change {
  /** Position among the visible outputs. */
  output: number;
  /** Keys and indexes from the output's value down to what changed; `[]` is the whole value. */
  path: readonly (string | number)[];
}

/**
 * One output of a call: an intermediate one, or the only one. It never changes after it was handed out; treat it as
 * read-only, as later outputs share the parts that did not change, and the app's next diff builds on it.
 */
export interface DataEvent<T = unknown> extends EventBase {
  type: "data";
  /** The bare value when the endpoint has one visible output, an array when it has several, `null` when none. */
  data: T;
  /** One element for each visible output; component updates are whole here. */
  outputs: unknown[];
  /** `true` when it came with the app's completion; a generator's outputs all have `false`. */
  final: boolean;
  /** What differs from the output before, from the app's own diffs; `null` where that is unknown. */
  changed: Change[] | null;
}

/** A message that the app's function sent to the person in front of it. */
export interface LogEvent extends EventBase {
  type: "log";
  level: "info" | "warning" | "success" | "error";
  /** The text as the app sent it: it may hold HTML, which is not to be trusted. */
  log: string;
  title: string | null;
  /** How long the app would show it, in milliseconds; `null` is until somebody closes it. */
  duration: number | null;
  visible: boolean;
}

/** Everything that happens to a call, told apart by `type`. */
export type JobEvent<T = unknown> = StatusEvent | DataEvent<T> | LogEvent;
