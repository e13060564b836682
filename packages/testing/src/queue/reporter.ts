import type { LogEntry, ProgressUnit } from "../endpoint/context.ts";
import type { Job } from "./job.ts";
import { logReport, progressReport } from "./messages.ts";
import type { Sessions } from "./sessions.ts";

/** Milliseconds between two progress messages of a job. */
const SAMPLE_INTERVAL = 10;

/** Sends the reports of functions while their jobs run. */
export interface Reporter {
  log(job: Job, entry: LogEntry): void;
  /** Sends the last report of each sample interval. The last report of a job is usually dropped. */
  progress(job: Job, units: ProgressUnit[]): void;
  /** Starts to send the reports of a job. */
  begin(job: Job): void;
  /** Stops sending the reports of a job and drops a report that is still waiting. */
  end(job: Job): void;
}

/** Creates the reporter of an app. */
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
      const timer = waiting.get(job)?.timer ?? setTimeout(() => flush(job), SAMPLE_INTERVAL);
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
