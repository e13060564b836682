import type { CallRequest } from "../endpoint/context.ts";
import type { Dependency } from "../describe/model.ts";

/** An accepted call; an "event" on the wire. */
export interface Job {
  readonly id: string;
  readonly sessionHash: string;
  readonly dependency: Dependency;
  readonly request: CallRequest;
  /** URL of the app in the request that joined the queue. */
  readonly root: string;
  /** Input values; replaced by the next chunk of a streaming job. */
  data: readonly unknown[];
  /** Whether outputs are sent whole and not as edits, as for `/call`. */
  readonly simple: boolean;
  /** Whether messages of the job are kept; `false` after its reader disconnected. */
  alive: boolean;
  /** Whether its caller closed the streaming job. */
  closed: boolean;
  /** Run time of the streaming job in seconds. */
  runTime: number;
  /** Whether `data` is a chunk of the streaming job that no step has read. */
  fresh: boolean;
  /** Called when the streaming job receives a chunk or is closed. */
  wake: () => void;
  /** Aborted when the result is no longer needed. */
  readonly abort: AbortController;
}

/** Data that a job is created from. */
export type JobStart = Pick<Job, "dependency" | "request" | "root" | "data" | "simple"> & {
  sessionHash: string | null;
};

/** Creates a job. Without a session hash its id is the session hash. */
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

/** Whether a job receives input while it runs. */
export function isStreaming(job: Job): boolean {
  return job.dependency.options.connection === "stream";
}

/** Whether a streaming job has been closed or has used up its time. */
export function isFinished(job: Job): boolean {
  const limit = job.dependency.options.timeLimit ?? null;
  return job.closed || (limit !== null && job.runTime >= limit);
}
