export { auditFrame } from "./audit-frame.ts";
export { type EventOfType, type JobEventType, ofType, outputs, progress } from "./events.ts";
export { initialJobState, type JobEnd, type JobState, jobState, nextJobState, pendingJobState } from "./job-state.ts";
export { retryJob, type RetryJobOptions } from "./retry-job.ts";
export { textDelta } from "./text-delta.ts";
