import type { Dependency } from "../describe/model.ts";
import type { Group } from "./groups.ts";
import type { Job } from "./job.ts";
import { isStreaming } from "./job.ts";

/** Run times of each endpoint. */
export interface RunTimes {
  /** Adds the time of one run. */
  add(dependency: Dependency, seconds: number): void;
  /** Average in seconds; `null` before the first run has ended. */
  average(dependency: Dependency): number | null;
}

/** Creates an empty record. */
export function createRunTimes(): RunTimes {
  const times = new Map<Dependency, { seconds: number; count: number }>();
  return {
    add(dependency, seconds) {
      const { seconds: before, count } = times.get(dependency) ?? { seconds: 0, count: 0 };
      times.set(dependency, { seconds: before + seconds, count: count + 1 });
    },
    average(dependency) {
      const time = times.get(dependency);
      return time === undefined ? null : time.seconds / time.count;
    },
  };
}

/** Position of a waiting job in the queue, and the estimated number of seconds until its result. */
export interface Estimate {
  job: Job;
  rank: number;
  rankEta: number | null;
}

/** Returns the positions of all waiting jobs of a group. */
export function estimates(group: Group, times: RunTimes): Estimate[] {
  const free = secondsUntilFree(group, times);
  let wait: number | null = 0;
  return group.waiting.map((job, rank) => {
    const run = times.average(job.dependency);
    const rankEta: number | null = run === null || wait === null || free === null ? null : run + wait + free;
    if (group.limit === null) wait = 0;
    else if (wait !== null && run !== null) wait += (isStreaming(job) ? (free ?? 0) : run) / group.limit;
    else wait = null;
    return { job, rank, rankEta };
  });
}

/** Estimated number of seconds until the first of the running calls ends; `null` if an average is missing. */
function secondsUntilFree(group: Group, times: RunTimes): number | null {
  if (group.running !== group.limit) return 0;
  let first = Number.POSITIVE_INFINITY;
  for (const { dependency, since } of group.starts) {
    const { connection, timeLimit } = dependency.options;
    const average = times.average(dependency);
    if (average === null) return null;
    const seconds = connection === "stream" ? (timeLimit ?? 0) : average;
    first = Math.min(first, seconds - (Date.now() - since) / 1000);
  }
  return Number.isFinite(first) ? Math.max(first, 0) : 0;
}
