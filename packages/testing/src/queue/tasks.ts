import type { Group } from "./groups.ts";
import type { Job } from "./job.ts";
import type { JobServices } from "./run.ts";
import { runJobs, TaskCancelled } from "./run.ts";
import { pause } from "./timers.ts";

/** Running calls, each for one job or a batch. */
export interface Tasks {
  count(): number;
  /** Jobs of the running calls. */
  jobs(): Job[];
  /**
   * Starts a call.
   *
   * @param freed - called when another call may take its place; its generator may still be running.
   * @param over - called when its generators have stopped, too.
   */
  start(group: Group, first: Job, taken: readonly Job[], freed: () => void, over: (job: Job) => void): void;
  /** Cancels all running calls of a session and an endpoint. Resolves when their generators have stopped. */
  cancel(sessionHash: string, fnIndex: number): Promise<void>;
  cancelAll(): void;
}

interface Task {
  jobs: readonly Job[];
  cancel(): void;
  done: Promise<void>;
}

/** Milliseconds from the end of a call to the end of its task: the next job starts before the response to a cancel. */
const CLEANUP_DELAY = 3;

/** Creates an empty registry. */
export function createTasks(services: JobServices): Tasks {
  const tasks = new Set<Task>();
  return {
    count: () => tasks.size,
    jobs: () => [...tasks].flatMap((task) => task.jobs),
    start(group, first, taken, freed, over) {
      const { promise, cancel } = canceller();
      const release = occupy(group, first, taken, services);
      const task: Task = { jobs: taken, cancel, done: Promise.resolve() };
      tasks.add(task);
      const ended = (): void => {
        release();
        tasks.delete(task);
        freed();
      };
      task.done = run(taken, services, promise, ended).finally(() => {
        for (const job of taken) over(job);
      });
    },
    async cancel(sessionHash, fnIndex) {
      const hit = [...tasks].filter(({ jobs: [job] }) => isCancelledBy(job, sessionHash, fnIndex));
      for (const task of hit) task.cancel();
      await Promise.all(hit.map(({ done }) => done));
    },
    cancelAll() {
      for (const task of tasks) task.cancel();
    },
  };
}

async function run(
  jobs: readonly Job[],
  services: JobServices,
  cancelled: Promise<never>,
  ended: () => void,
): Promise<void> {
  try {
    await Promise.resolve(); // estimations of waiting jobs are sent before this start
    await runJobs(jobs, services, cancelled);
  } catch {
    for (const job of jobs) job.abort.abort();
  }
  ended();
  await pause(CLEANUP_DELAY);
  await Promise.all(jobs.map((job) => services.iterators.close(job.id)));
}

/** Counts a call as running in its group, until the returned function is called. */
function occupy(group: Group, first: Job, taken: readonly Job[], services: JobServices): () => void {
  const begun = { dependency: first.dependency, since: Date.now() };
  group.running += 1;
  group.starts.add(begun);
  for (const job of taken) services.reporter.begin(job);
  return () => {
    group.running -= 1;
    group.starts.delete(begun);
    for (const job of taken) services.reporter.end(job);
  };
}

/** Returns a promise that rejects when its task is cancelled; it does not cause an unhandled rejection. */
function canceller(): { promise: Promise<never>; cancel: () => void } {
  const abort = new AbortController();
  const promise = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(new TaskCancelled()));
  });
  promise.catch(() => undefined);
  return { promise, cancel: () => abort.abort() };
}

/** Whether a cancel applies to a job. Batches cannot be cancelled. */
function isCancelledBy(job: Job | undefined, sessionHash: string, fnIndex: number): boolean {
  return job?.sessionHash === sessionHash && job.dependency.id === fnIndex && !job.dependency.batch;
}
