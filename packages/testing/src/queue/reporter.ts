import type { LogEntry, ProgressUnit } from "../endpoint/context.ts";
import type { Job } from "./job.ts";
import { logReport, progressReport } from "./messages.ts";
import type { Sessions } from "./sessions.ts";

/** Milliseconds between two looks at a job's progress. */
const SAMPLING = 10;

/** Passes on what functions report while their jobs run. */
export interface Reporter {
  log(job: Job, entry: LogEntry): void;
  /** Only the last report within a sampling interval is sent; the last of a job mostly is not. */
  progress(job: Job, units: ProgressUnit[]): void;
  /** The job runs: its reports count. */
  begin(job: Job): void;
  /** The job has ended: a report that waits is dropped. */
  end(job: Job): void;
}

/** Makes the one reporter of an app. */
export function createReporter(sessions: Sessions): Reporter {
  const active = new Set<Job>();
  const waiting = new Map<Job, { units: ProgressUnit[]; timer: ReturnType<typeof setTimeout> }>();
  const flush = (job: Job): void => {
    const report = waiting.get(job);
    waiting.delete(job);
    if (report !== undefined) sessions.send(job, progressReport(job.id, report.units));
  };
  return {
    log: (job, entry) => {
      if (active.has(job)) sessions.send(job, logReport(job.id, entry));
    },
    progress(job, units) {
      if (!active.has(job)) return;
      const timer = waiting.get(job)?.timer ?? setTimeout(() => flush(job), SAMPLING);
      waiting.set(job, { units, timer });
    },
    begin: (job) => void active.add(job),
    end(job) {
      active.delete(job);
      clearTimeout(waiting.get(job)?.timer);
      waiting.delete(job);
    },
  };
}
