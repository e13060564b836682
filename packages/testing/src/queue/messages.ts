import type { StepOutput } from "../call/step.ts";
import type { LogEntry, ProgressUnit } from "../endpoint/context.ts";
import type { FailurePayload } from "../endpoint/failure.ts";

/** One message of an event stream, in the wire's words. */
export interface WireMessage {
  readonly msg: string;
  /** `null` for what concerns the whole session. */
  readonly event_id: string | null;
  readonly [field: string]: unknown;
}

/** A job's place in its queue; `rankEta` in seconds. */
export function estimation(
  eventId: string | null,
  rank: number | null,
  size: number,
  rankEta: number | null,
): WireMessage {
  return { msg: "estimation", event_id: eventId, rank, queue_size: size, rank_eta: rankEta };
}

/** A job has begun; `eta` is the average run time in seconds. */
export function processStarts(eventId: string, eta: number | null): WireMessage {
  return { msg: "process_starts", event_id: eventId, eta };
}

/** A job's progress bars, the outermost first. */
export function progressReport(eventId: string, units: ProgressUnit[]): WireMessage {
  return { msg: "progress", event_id: eventId, progress_data: units };
}

/** Something a job wants shown. */
export function logReport(eventId: string, entry: LogEntry): WireMessage {
  return { msg: "log", event_id: eventId, ...entry };
}

/** A yielded value; `streaming` answers a chunk of a streaming input. */
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
 * A job has ended with a result.
 *
 * @param options - `timed: false` leaves out the times, as when a streaming job ends for want of chunks.
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

/** A job whose result was known: it has no other message. `average` in seconds. */
export function completedFromCache(eventId: string, output: StepOutput, average: number | null): WireMessage {
  const times = { used_cache: "full", cache_duration: output.duration, avg_time: average };
  return { ...ending(eventId, output, true), ...times };
}

/** A job was cancelled: it succeeded, says the server, and has no data. */
export function cancelled(eventId: string): WireMessage {
  return { ...ending(eventId, {}, true), cache_duration: null, avg_time: null };
}

/**
 * A job has failed.
 *
 * @param first - whether it failed before its first output. A later failure has no title of its own, and its `duration`
 *   turns up as `cache_duration`: so the real server has it.
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

/** A life sign. */
export const HEARTBEAT: WireMessage = { msg: "heartbeat", event_id: null };

/** The session has nothing left to tell. */
export const CLOSE_STREAM: WireMessage = { msg: "close_stream", event_id: null };

/** The whole session has failed. */
export function unexpectedError(message: string, sessionNotFound: boolean): WireMessage {
  const rest = { message, session_not_found: sessionNotFound, success: false };
  return { msg: "unexpected_error", event_id: null, ...rest };
}

/** Whether a message ends a job. */
export function isCompleted(message: WireMessage): boolean {
  return message.msg === "process_completed";
}
