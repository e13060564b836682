/** How a log message is shown. */
export interface LogOptions {
  /** Seconds that it stays on the page; `null` = until it is closed. Default 10. */
  duration?: number | null;
  /** The heading. Default: the level's name, as `"Info"`. */
  title?: string;
  /** Whether the page shows it at all. Default `true`. */
  visible?: boolean;
}

/** How a progress bar is named. */
export interface ProgressOptions {
  desc?: string;
  /** What is counted. Default `"steps"`. */
  unit?: string;
  /** How many there are, where neither a pair nor the iterable's own length tells. */
  total?: number;
}

/** Reports progress: what `gr.Progress` is in Python. Reports are sampled: of several within 10 ms only the last is sent. */
export interface Progress {
  /**
   * Shows one more bar below those of the loops that run.
   *
   * @param progress - a fraction from 0 to 1, or `[index, length]`, or `null` for a bar without an end.
   */
  (progress: number | readonly [number, number | null] | null, options?: ProgressOptions): void;
  /** Iterates with a bar of its own; inside the loop another one makes a nested bar. */
  each<T>(items: Iterable<T>, options?: ProgressOptions): Iterable<T>;
}

/** What a function sees of the request that started its job. */
export interface CallRequest {
  headers: Headers;
  query: URLSearchParams;
  /** The caller's session, or `null` in a direct call without one. */
  sessionHash: string | null;
  /** Always `null`: this app has no login. */
  username: string | null;
}

/** What every function receives after its own arguments. */
export interface CallContext {
  readonly progress: Progress;
  readonly request: CallRequest;
  /** Aborted once nobody will use the result: the job was cancelled, its reader has gone, or the app closed. */
  readonly signal: AbortSignal;
  /** Shows a message to the user, as `gr.Info` does in Python. */
  readonly info: Log;
  readonly success: Log;
  readonly warning: Log;
  readonly error: Log;
}

/** Shows a message, which may be HTML. */
export type Log = (message: string, options?: LogOptions) => void;

/** One bar, in the wire's words. */
export interface ProgressUnit {
  index: number | null;
  length: number | null;
  unit: string;
  progress: number | null;
  desc: string | null;
}

/** A log message, in the wire's words. */
export interface LogEntry {
  log: string;
  level: "info" | "success" | "warning" | "error";
  duration: number | null;
  visible: boolean;
  title: string;
}

/** Where a function's reports go. In a direct or batched call they go nowhere. */
export interface Reports {
  progress(units: ProgressUnit[]): void;
  log(entry: LogEntry): void;
}

/** Makes the context of one call. */
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
