import type { Dependency } from "../describe/model.ts";
import type { Job } from "./job.ts";

/** Endpoints that share one limit, with the jobs that wait for it. Endpoints of the same function are one group. */
export interface Group {
  readonly waiting: Job[];
  /** `null` = none. */
  limit: number | null;
  running: number;
  /** When each running call began, in milliseconds, with its endpoint. */
  readonly starts: Set<{ dependency: Dependency; since: number }>;
}

/** All groups of an app. */
export interface Groups {
  /** The group of an endpoint, made at its first join; a lower limit than the group's becomes the group's for good. */
  join(dependency: Dependency): Group;
  of(dependency: Dependency): Group | undefined;
  all(): Iterable<Group>;
  /** Jobs that wait, in all groups. */
  size(): number;
  clear(): void;
}

/** Starts with none. */
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

/** Gradio's own rule: the function's identity, so that endpoints without one share a group too. */
function keyOf({ options, fn }: Dependency): unknown {
  return options.concurrencyId ?? fn;
}

/** Takes the next jobs of a group out of its queue: one, or a batch of one endpoint. Empty = none may run now. */
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
