import type { CallRequest } from "../endpoint/context.ts";
import type { Dependency } from "../describe/model.ts";

/** One accepted join: what the wire calls an event. */
export interface Job {
  readonly id: string;
  readonly sessionHash: string;
  readonly dependency: Dependency;
  readonly request: CallRequest;
  /** The address of the app as the join named it. */
  readonly root: string;
  /** The values; a streaming job's next chunk replaces them. */
  data: readonly unknown[];
  /** Whether its reader wants whole values and no edits, as `/call` does. */
  readonly simple: boolean;
  /** Falls when the reader goes: from then on nothing that the job says is kept. */
  alive: boolean;
  /** A streaming job: closed by its caller. */
  closed: boolean;
  /** A streaming job: the seconds it has run. */
  runTime: number;
  /** A streaming job: whether `data` is a chunk that no step has read. */
  fresh: boolean;
  /** A streaming job: called when a chunk comes or the job is closed. */
  wake: () => void;
  /** Aborted when nobody will use the result. */
  readonly abort: AbortController;
}

/** What a job starts from. */
export type JobStart = Pick<Job, "dependency" | "request" | "root" | "data" | "simple"> & {
  sessionHash: string | null;
};

/** A fresh job. Without a session hash it is a session of its own. */
export function createJob(start: JobStart): Job {
  const id = crypto.randomUUID().replaceAll("-", "");
  const rest = {
    alive: true,
    closed: false,
    runTime: 0,
    fresh: false,
    wake: () => undefined,
    abort: new AbortController(),
  };
  return { ...start, ...rest, id, sessionHash: start.sessionHash ?? id };
}

/** Whether a job takes input as long as it runs. */
export function isStreaming(job: Job): boolean {
  return job.dependency.options.connection === "stream";
}

/** Whether a streaming job has been closed or has used up its time. */
export function isFinished(job: Job): boolean {
  const limit = job.dependency.options.timeLimit ?? null;
  return job.closed || (limit !== null && job.runTime >= limit);
}
