/** Options of a log message. */
export interface LogOptions {
  /** Seconds for which the page shows it; `null`: until it is closed. Default 10. */
  duration?: number | null;
  /** Heading. Default: the name of the level, such as `"Info"`. */
  title?: string;
  /** Whether the page shows it. Default `true`. */
  visible?: boolean;
}

/** Options of a progress bar. */
export interface ProgressOptions {
  desc?: string;
  /** Name of the counted items. Default `"steps"`. */
  unit?: string;
  /** Number of items, if neither the pair nor the iterable has it. */
  total?: number;
}

/** Reports progress, as `gr.Progress` does in Python. Of several reports within 10 ms only the last one is sent. */
export interface Progress {
  /**
   * Shows a bar below the bars of the current `each` loops.
   *
   * @param progress - a fraction from 0 to 1, or `[index, length]`, or `null` if the progress is unknown.
   */
  (progress: number | readonly [number, number | null] | null, options?: ProgressOptions): void;
  /** Iterates over items and shows a bar. A loop inside of another one shows a nested bar. */
  each<T>(items: Iterable<T>, options?: ProgressOptions): Iterable<T>;
}

/** Data of the request that started a job. */
export interface CallRequest {
  headers: Headers;
  query: URLSearchParams;
  /** Session hash of the caller; `null` in a direct call without a session. */
  sessionHash: string | null;
  /** Name of the user who is logged in; `null` without a login. */
  username: string | null;
}

/** Context that every function receives after its arguments. */
export interface CallContext {
  readonly progress: Progress;
  readonly request: CallRequest;
  /** Aborted when the result is no longer needed: the job was cancelled, its reader disconnected, or the app closed. */
  readonly signal: AbortSignal;
  /** Shows a message to the user, as `gr.Info` does in Python. */
  readonly info: Log;
  readonly success: Log;
  readonly warning: Log;
  readonly error: Log;
}

/** Shows a message, which may be HTML. */
export type Log = (message: string, options?: LogOptions) => void;

/** A progress bar as the wire has it. */
export interface ProgressUnit {
  index: number | null;
  length: number | null;
  unit: string;
  progress: number | null;
  desc: string | null;
}

/** A log message as the wire has it. */
export interface LogEntry {
  log: string;
  level: "info" | "success" | "warning" | "error";
  duration: number | null;
  visible: boolean;
  title: string;
}

/** Receives the reports of a function. Reports of direct and batched calls are ignored. */
export interface Reports {
  progress(units: ProgressUnit[]): void;
  log(entry: LogEntry): void;
}

/** Creates the context of one call. */
export function createContext(request: CallRequest, signal: AbortSignal, reports: Reports): CallContext {
  const log =
    (level: LogEntry["level"], heading: string): Log =>
    (message, options = {}) => {
      const duration = options.duration === undefined ? 10 : options.duration;
      const { visible = true, title = heading } = options;
      reports.log({ log: message, level, duration, visible, title });
    };
  return {
    progress: createProgress(reports),
    request,
    signal,
    info: log("info", "Info"),
    success: log("success", "Success"),
    warning: log("warning", "Warning"),
    error: log("error", "Error"),
  };
}

function createProgress(reports: Reports): Progress {
  const loops: ProgressUnit[] = [];
  const report = (more: ProgressUnit[] = []): void => reports.progress([...loops, ...more].map((bar) => ({ ...bar })));
  const call = (value: number | readonly [number, number | null] | null, options: ProgressOptions = {}): void => {
    const [index, length] = typeof value === "object" && value !== null ? value : [null, options.total ?? null];
    report([newBar(options, index, length, typeof value === "number" ? value : null)]);
  };
  const each = function* each<T>(items: Iterable<T>, options: ProgressOptions = {}): Iterable<T> {
    const loop = newBar(options, 0, lengthOf(items) ?? options.total ?? null, null);
    loops.push(loop);
    try {
      for (const item of items) {
        report();
        loop.index = (loop.index ?? 0) + 1;
        yield item;
      }
      report();
    } finally {
      loops.splice(loops.indexOf(loop), 1);
    }
  };
  return Object.assign(call, { each });
}

function lengthOf(items: Iterable<unknown>): number | undefined {
  if (items instanceof Set || items instanceof Map) return items.size;
  return Array.isArray(items) || typeof items === "string" ? items.length : undefined;
}

function newBar(
  options: ProgressOptions,
  index: number | null,
  length: number | null,
  progress: number | null,
): ProgressUnit {
  return { index, length, unit: options.unit ?? "steps", progress, desc: options.desc ?? null };
}
