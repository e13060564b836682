import type { Group } from "./groups.ts";
import type { Job } from "./job.ts";
import type { RunHouse } from "./run.ts";
import { runJobs, TaskCancelled } from "./run.ts";
import { pause } from "./timers.ts";

/** The calls that run, each for one job or a batch. */
export interface Tasks {
  count(): number;
  /** The jobs that run. */
  jobs(): Job[];
  /**
   * Starts a call.
   *
   * @param freed - called when its place is free; what its generator still does is not waited for.
   * @param over - called when nothing of it is left.
   */
  start(group: Group, first: Job, taken: readonly Job[], freed: () => void, over: (job: Job) => void): void;
  /** Cancels all that run for a session and an endpoint. Resolves when their generators have stopped. */
  cancel(sessionHash: string, fnIndex: number): Promise<void>;
  cancelAll(): void;
}

interface Task {
  jobs: readonly Job[];
  cancel(): void;
  done: Promise<void>;
}

/** Milliseconds from a call's end to its task's: time enough for the next job to start before a cancel is answered. */
const TIDYING = 3;

/** Starts with none. */
export function createTasks(house: RunHouse): Tasks {
  const tasks = new Set<Task>();
  return {
    count: () => tasks.size,
    jobs: () => [...tasks].flatMap((task) => task.jobs),
    start(group, first, taken, freed, over) {
      const { promise, cancel } = canceller();
      const leave = occupy(group, first, taken, house);
      const task: Task = { jobs: taken, cancel, done: Promise.resolve() };
      tasks.add(task);
      const ended = (): void => {
        leave();
        tasks.delete(task);
        freed();
      };
      task.done = run(taken, house, promise, ended).finally(() => {
        for (const job of taken) over(job);
      });
    },
    async cancel(sessionHash, fnIndex) {
      const hit = [...tasks].filter(({ jobs: [job] }) => isNamed(job, sessionHash, fnIndex));
      for (const task of hit) task.cancel();
      await Promise.all(hit.map(({ done }) => done));
    },
    cancelAll() {
      for (const task of tasks) task.cancel();
    },
  };
}

async function run(jobs: readonly Job[], house: RunHouse, cancelled: Promise<never>, ended: () => void): Promise<void> {
  try {
    await Promise.resolve(); // the places of those who wait are told before this start
    await runJobs(jobs, house, cancelled);
  } catch {
    for (const job of jobs) job.abort.abort();
  }
  ended();
  await pause(TIDYING);
  await Promise.all(jobs.map((job) => house.iterators.close(job.id)));
}

/** Takes a place in a group, until the answer is called. */
function occupy(group: Group, first: Job, taken: readonly Job[], house: RunHouse): () => void {
  const begun = { dependency: first.dependency, since: Date.now() };
  group.running += 1;
  group.starts.add(begun);
  for (const job of taken) house.reporter.begin(job);
  return () => {
    group.running -= 1;
    group.starts.delete(begun);
    for (const job of taken) house.reporter.end(job);
  };
}

/** A promise that rejects when its task is cancelled; nobody need listen. */
function canceller(): { promise: Promise<never>; cancel: () => void } {
  const abort = new AbortController();
  const promise = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(new TaskCancelled()));
  });
  promise.catch(() => undefined);
  return { promise, cancel: () => abort.abort() };
}

/** Batches have no name by which they could be cancelled. */
function isNamed(job: Job | undefined, sessionHash: string, fnIndex: number): boolean {
  return job?.sessionHash === sessionHash && job.dependency.id === fnIndex && !job.dependency.batch;
}
