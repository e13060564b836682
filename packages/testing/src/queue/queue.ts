import { estimates } from "./estimates.ts";
import type { Group, Groups } from "./groups.ts";
import { takeJobs } from "./groups.ts";
import type { Job, JobStart } from "./job.ts";
import { createJob } from "./job.ts";
import { cancelled, completedFromCache, estimation } from "./messages.ts";
import type { RunHouse } from "./run.ts";
import type { Tasks } from "./tasks.ts";
import { createTasks } from "./tasks.ts";
import { pause } from "./timers.ts";

/** Takes jobs, runs them in turn, and ends them early. */
export interface Queue {
  /** Why no job is taken now; `undefined` = one is. */
  refusal(): string | undefined;
  /** Takes a job. Its first estimation is in its mailbox before this returns. */
  push(start: JobStart): Job;
  find(eventId: string): Job | undefined;
  /** What `POST /cancel` does; resolves when the generators concerned have stopped. */
  cancel(sessionHash: string, fnIndex: number, eventId: string): Promise<void>;
  /** A reader left: jobs that wait are removed, those that run go on unheard. */
  readerGone(sessionHash: string): void;
  /** Jobs that wait. */
  size(): number;
  /** Ends everything at once. */
  stop(): void;
}

/** Calls that run at once in the whole app, whatever their limits. */
const THREADS = 40;

/** Milliseconds after which the server gives up closing a generator. */
const LONGEST_CLOSE = 60_000;

/** Makes the one queue of an app. */
export function createQueue(groups: Groups, house: RunHouse, maxSize: number | null): Queue {
  const jobs = new Map<string, Job>();
  const tasks = createTasks(house);
  const scheduler = createScheduler(groups, house, tasks, (job) => void jobs.delete(job.id));
  const remove = (job: Job): boolean => {
    const removed = takeOut(groups, job);
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
      house.sessions.open(job);
      const known = house.cache.get(job.dependency, job.data);
      if (known !== undefined) {
        house.sessions.send(job, completedFromCache(job.id, known, house.times.average(job.dependency)));
        return job;
      }
      jobs.set(job.id, job);
      group.waiting.push(job);
      tellPlaces(group, house, group.waiting.length - 1);
      scheduler.wake();
      return job;
    },
    find: (eventId) => jobs.get(eventId),
    async cancel(sessionHash, fnIndex, eventId) {
      await tasks.cancel(sessionHash, fnIndex);
      const open = house.sessions.pending(sessionHash)?.has(eventId) ?? false;
      const job = jobs.get(eventId);
      if (job !== undefined) remove(job);
      if (open) house.sessions.mailbox(sessionHash)?.put(cancelled(eventId));
      // A generator whose task was not hit above cannot be closed while it runs: the real server tries until it is over.
      await Promise.race([house.iterators.whenOver(eventId), pause(LONGEST_CLOSE, { background: true })]);
    },
    readerGone(sessionHash) {
      for (const job of tasks.jobs()) if (job.sessionHash === sessionHash) leaveUnheard(job);
      const waiting = [...groups.all()].flatMap((group) => group.waiting);
      const removed = waiting.filter((job) => job.sessionHash === sessionHash && remove(job));
      house.sessions.forget(sessionHash, removed);
    },
    size: () => groups.size(),
    stop() {
      scheduler.stop();
      for (const job of jobs.values()) leaveUnheard(job);
      tasks.cancelAll();
      groups.clear();
      house.sessions.clear();
    },
  };
}

interface Scheduler {
  /** Looks soon what may start. */
  wake(): void;
  stop(): void;
}

function createScheduler(groups: Groups, house: RunHouse, tasks: Tasks, over: (job: Job) => void): Scheduler {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const startNext = (group: Group): boolean => {
    const taken = takeJobs(group);
    if (taken[0] === undefined) return false;
    tasks.start(group, taken[0], taken, wake, over);
    tellPlaces(group, house, 0);
    return true;
  };
  const look = (): void => {
    timer = undefined;
    for (const group of groups.all()) while (tasks.count() < THREADS && startNext(group));
  };
  // Not at once: the answer to the join goes out first, and joins of one moment meet in a batch.
  const wake = (): void => {
    if (!stopped) timer ??= setTimeout(look, 1);
  };
  return {
    wake,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Tells those who wait in a group where they stand, from a place on. */
function tellPlaces(group: Group, house: RunHouse, from: number): void {
  const size = group.waiting.length;
  for (const { job, rank, rankEta } of estimates(group, house.times)) {
    if (rank >= from) house.sessions.send(job, estimation(job.id, rank, size, rankEta));
  }
}

/** Takes a job out of its queue, if it still waits. */
function takeOut(groups: Groups, job: Job): boolean {
  const waiting = groups.of(job.dependency)?.waiting ?? [];
  const at = waiting.indexOf(job);
  if (at < 0) return false;
  waiting.splice(at, 1);
  job.abort.abort();
  return true;
}

function leaveUnheard(job: Job): void {
  job.alive = false;
  job.abort.abort();
}
