import { estimates } from "./estimates.ts";
import type { Group, Groups } from "./groups.ts";
import { takeJobs } from "./groups.ts";
import type { Job, JobStart } from "./job.ts";
import { createJob } from "./job.ts";
import { cancelled, completedFromCache, estimation } from "./messages.ts";
import type { JobServices } from "./run.ts";
import type { Tasks } from "./tasks.ts";
import { createTasks } from "./tasks.ts";
import { pause } from "./timers.ts";

/** Accepts, runs and cancels jobs. */
export interface Queue {
  /** Reason for which no job is accepted now; `undefined` if jobs are accepted. */
  refusal(): string | undefined;
  /** Accepts a job and puts its first estimation into its mailbox. */
  push(start: JobStart): Job;
  find(eventId: string): Job | undefined;
  /** Cancels as `POST /cancel` does; resolves when the generators of the jobs have stopped. */
  cancel(sessionHash: string, fnIndex: number, eventId: string): Promise<void>;
  /** Handles the end of a reader's connection: removes waiting jobs; running ones continue, but their messages are dropped. */
  onReaderDisconnect(sessionHash: string): void;
  /** Number of waiting jobs. */
  size(): number;
  /** Ends all jobs at once. */
  stop(): void;
}

/** Maximum number of calls that run at once in the whole app. */
const MAX_RUNNING = 40;

/** Maximum number of milliseconds that a cancel waits for a generator to close. */
const MAX_CLOSE_TIME = 60_000;

/** Creates the queue of an app. */
export function createQueue(groups: Groups, services: JobServices, maxSize: number | null): Queue {
  const jobs = new Map<string, Job>();
  const tasks = createTasks(services);
  const scheduler = createScheduler(groups, services, tasks, (job) => void jobs.delete(job.id));
  const remove = (job: Job): boolean => {
    const removed = removeWaiting(groups, job);
    if (removed) jobs.delete(job.id);
    return removed;
  };
  return {
    refusal() {
      const size = groups.size();
      if (maxSize === null || size < maxSize) return undefined;
      return `Queue is full. Max size is ${String(maxSize)} and size is ${String(size)}.`;
    },
    push(given) {
      const group = groups.join(given.dependency);
      const job = createJob(given);
      services.sessions.open(job);
      const known = services.cache.get(job.dependency, job.data);
      if (known !== undefined) {
        services.sessions.send(job, completedFromCache(job.id, known, services.times.average(job.dependency)));
        return job;
      }
      jobs.set(job.id, job);
      group.waiting.push(job);
      sendEstimations(group, services, group.waiting.length - 1);
      scheduler.wake();
      return job;
    },
    find: (eventId) => jobs.get(eventId),
    async cancel(sessionHash, fnIndex, eventId) {
      await tasks.cancel(sessionHash, fnIndex);
      const open = services.sessions.pending(sessionHash)?.has(eventId) ?? false;
      const job = jobs.get(eventId);
      if (job !== undefined) remove(job);
      if (open) services.sessions.mailbox(sessionHash)?.put(cancelled(eventId));
      // A generator whose task was not cancelled above cannot be closed while it runs: like Gradio, wait until it has ended.
      await Promise.race([services.iterators.whenOver(eventId), pause(MAX_CLOSE_TIME, { background: true })]);
    },
    onReaderDisconnect(sessionHash) {
      for (const job of tasks.jobs()) if (job.sessionHash === sessionHash) abandon(job);
      const waiting = [...groups.all()].flatMap((group) => group.waiting);
      const removed = waiting.filter((job) => job.sessionHash === sessionHash && remove(job));
      services.sessions.forget(sessionHash, removed);
    },
    size: () => groups.size(),
    stop() {
      scheduler.stop();
      for (const job of jobs.values()) abandon(job);
      tasks.cancelAll();
      groups.clear();
      services.sessions.clear();
    },
  };
}

interface Scheduler {
  /** Starts jobs soon, if some may run. */
  wake(): void;
  stop(): void;
}

function createScheduler(groups: Groups, services: JobServices, tasks: Tasks, over: (job: Job) => void): Scheduler {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const startNext = (group: Group): boolean => {
    const taken = takeJobs(group);
    if (taken[0] === undefined) return false;
    tasks.start(group, taken[0], taken, wake, over);
    sendEstimations(group, services, 0);
    return true;
  };
  const startJobs = (): void => {
    timer = undefined;
    for (const group of groups.all()) while (tasks.count() < MAX_RUNNING && startNext(group));
  };
  // Delayed, so that the response to the join is sent first, and jobs that join together run in one batch.
  const wake = (): void => {
    if (!stopped) timer ??= setTimeout(startJobs, 1);
  };
  return {
    wake,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Sends estimations to the waiting jobs of a group from a position on. */
function sendEstimations(group: Group, services: JobServices, from: number): void {
  const size = group.waiting.length;
  for (const { job, rank, rankEta } of estimates(group, services.times)) {
    if (rank >= from) services.sessions.send(job, estimation(job.id, rank, size, rankEta));
  }
}

/** Removes a job from its queue; returns whether it was waiting. */
function removeWaiting(groups: Groups, job: Job): boolean {
  const waiting = groups.of(job.dependency)?.waiting ?? [];
  const at = waiting.indexOf(job);
  if (at < 0) return false;
  waiting.splice(at, 1);
  job.abort.abort();
  return true;
}

function abandon(job: Job): void {
  job.alive = false;
  job.abort.abort();
}
