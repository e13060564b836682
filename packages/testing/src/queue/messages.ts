import type { StepOutput } from "../call/step.ts";
import type { LogEntry, ProgressUnit } from "../endpoint/context.ts";
import type { FailurePayload } from "../endpoint/failure.ts";

/** One message of an event stream. */
export interface WireMessage {
  readonly msg: string;
  /** Id of the job; `null` for messages about the whole session. */
  readonly event_id: string | null;
  readonly [field: string]: unknown;
}

/** Position of a job in its queue; `rankEta` in seconds. */
export function estimation(
  eventId: string | null,
  rank: number | null,
  size: number,
  rankEta: number | null,
): WireMessage {
  return { msg: "estimation", event_id: eventId, rank, queue_size: size, rank_eta: rankEta };
}

/** Start of a job; `eta` is the average run time in seconds. */
export function processStarts(eventId: string, eta: number | null): WireMessage {
  return { msg: "process_starts", event_id: eventId, eta };
}

/** Progress bars of a job, the outermost first. */
export function progressReport(eventId: string, units: ProgressUnit[]): WireMessage {
  return { msg: "progress", event_id: eventId, progress_data: units };
}

/** Log message of a job. */
export function logReport(eventId: string, entry: LogEntry): WireMessage {
  return { msg: "log", event_id: eventId, ...entry };
}

/** Value that a job yielded; `streaming` for the output of a chunk of a streaming input. */
export function generating(
  eventId: string,
  output: StepOutput,
  streaming: boolean,
  timeLimit: number | null,
): WireMessage {
  const msg = streaming ? "process_streaming" : "process_generating";
  return { msg, event_id: eventId, output, success: true, time_limit: timeLimit };
}

/**
 * Result of a job.
 *
 * @param options - `timed: false` leaves out the times, as when a streaming job ends because it received no more chunks.
 */
export function completed(
  eventId: string,
  output: StepOutput,
  { timed }: { timed: boolean } = { timed: true },
): WireMessage {
  const times = timed
    ? { cache_duration: output.duration, avg_time: output.average_duration }
    : { cache_duration: null, avg_time: null };
  return { ...ending(eventId, output, true), ...times };
}

/** Result of a job that was found in the cache; the job has no other message. `average` in seconds. */
export function completedFromCache(eventId: string, output: StepOutput, average: number | null): WireMessage {
  const times = { used_cache: "full", cache_duration: output.duration, avg_time: average };
  return { ...ending(eventId, output, true), ...times };
}

/** End of a cancelled job: Gradio reports success without data. */
export function cancelled(eventId: string): WireMessage {
  return { ...ending(eventId, {}, true), cache_duration: null, avg_time: null };
}

/**
 * Failure of a job.
 *
 * @param first - whether it failed before its first output. As in Gradio, a later failure has no title, and its `duration` is in
 *   `cache_duration`.
 */
export function failed(eventId: string, output: FailurePayload, first: boolean): WireMessage {
  const title = first ? (output.title ?? "Error") : null;
  const duration = first ? null : (output.duration ?? null);
  return { ...ending(eventId, output, false), title, cache_duration: duration, avg_time: null };
}

function ending(
  eventId: string,
  output: StepOutput | FailurePayload | Record<string, never>,
  success: boolean,
): WireMessage {
  return {
    msg: "process_completed",
    event_id: eventId,
    output,
    success,
    title: null,
    used_cache: null,
  };
}

/** Heartbeat of a stream. */
export const HEARTBEAT: WireMessage = { msg: "heartbeat", event_id: null };

/** Last message of a session without pending jobs. */
export const CLOSE_STREAM: WireMessage = { msg: "close_stream", event_id: null };

/** Failure of the whole session. */
export function unexpectedError(message: string, sessionNotFound: boolean): WireMessage {
  const rest = { message, session_not_found: sessionNotFound, success: false };
  return { msg: "unexpected_error", event_id: null, ...rest };
}

/** Whether a message ends a job. */
export function isCompleted(message: WireMessage): boolean {
  return message.msg === "process_completed";
}
