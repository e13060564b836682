import type { Dependency } from "../describe/model.ts";
import type { Job } from "./job.ts";

/** Endpoints that share a concurrency limit, and their waiting jobs. Endpoints with the same function are one group. */
export interface Group {
  readonly waiting: Job[];
  /** Concurrency limit; `null`: no limit. */
  limit: number | null;
  running: number;
  /** Endpoint and start time (`Date.now()`) of each running call. */
  readonly starts: Set<{ dependency: Dependency; since: number }>;
}

/** Groups of an app. */
export interface Groups {
  /** Returns the group of an endpoint, and creates it on first use. The group keeps the lowest limit of its endpoints. */
  join(dependency: Dependency): Group;
  of(dependency: Dependency): Group | undefined;
  all(): Iterable<Group>;
  /** Number of waiting jobs in all groups. */
  size(): number;
  clear(): void;
}

/** Creates an empty registry. */
export function createGroups(defaultLimit: number | null): Groups {
  const groups = new Map<unknown, Group>();
  return {
    join(dependency) {
      const given = dependency.options.concurrencyLimit;
      const limit = given === undefined ? defaultLimit : given;
      const known = groups.get(keyOf(dependency));
      if (known !== undefined) {
        if (limit !== null && (known.limit === null || limit < known.limit)) known.limit = limit;
        return known;
      }
      const group = { waiting: [], limit, running: 0, starts: new Set<never>() };
      groups.set(keyOf(dependency), group);
      return group;
    },
    of: (dependency) => groups.get(keyOf(dependency)),
    all: () => groups.values(),
    size: () => [...groups.values()].reduce((sum, group) => sum + group.waiting.length, 0),
    clear: () => groups.clear(),
  };
}

/** Key of a group. As in Gradio it is the function itself, so that endpoints without a function share a group, too. */
function keyOf({ options, fn }: Dependency): unknown {
  return options.concurrencyId ?? fn;
}

/** Removes the next jobs to run from the queue of a group: one job, or a batch of one endpoint. Empty if no job may run now. */
export function takeJobs(group: Group): Job[] {
  const first = group.waiting[0];
  if (first === undefined || (group.limit !== null && group.running >= group.limit)) return [];
  const { batch, maxBatchSize } = first.dependency;
  const jobs = batch
    ? group.waiting.filter((job) => job.dependency === first.dependency).slice(0, maxBatchSize)
    : [first];
  for (const job of jobs) group.waiting.splice(group.waiting.indexOf(job), 1);
  return jobs;
}
