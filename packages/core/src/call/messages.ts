import type { DataEvent, JobEvent, LogEvent, StatusEvent } from "../events.ts";
import type { ChunkPort, ProtocolMessage } from "../protocol/protocol.ts";
import type { Edit } from "../wire/diff.ts";

// The values inside the pipeline of a call: messages, which the decoder turns into events.

/** One message of a call in the pipeline: those of the protocol, and the ones that the stages before and around it add. */
export type CallMessage =
  | ProtocolMessage
  /** Files are being uploaded: bytes sent so far, and in all; `Infinity` while the length of a stream is unknown. */
  | { kind: "uploading"; files: number; sent: number; total: number }
  /** The run was lost, and the call is sent again. */
  | { kind: "resubmitted" }
  /** The app's queue was full, and the call is sent again. */
  | { kind: "queue_full" };

/**
 * Edits that lead from the visible outputs of one event to those of the next: one list of wire edits (PROTOCOL.md, 4) for
 * each visible output, `null` for one that stays as it is.
 */
export type OutputEdits = readonly (readonly Edit[] | null)[];

/** One output in the pipeline: the event that users receive, and the edits that led to it from the output before. */
export interface OutputEvent<T = unknown> {
  type: "output";
  event: DataEvent<T>;
  /** `null` where the output came whole. */
  edits: OutputEdits | null;
}

/** The final output, with the figures of the app's completion; durations in milliseconds. */
export interface ResultEvent<T = unknown> {
  type: "result";
  data: T;
  figures: Pick<StatusEvent, "usedCache" | "cacheDuration" | "averageDuration">;
}

/** One event of the pipeline: the events that users receive, and those that only its later stages and `Job` need. */
export type CallEvent<T = unknown> =
  | StatusEvent
  | LogEvent
  | OutputEvent<T>
  | ResultEvent<T>
  /** The app accepted the call. */
  | { type: "accepted"; eventId: string | null; chunks: ChunkPort | null }
  /** The call failed at the app. It is a value, not an error, so that it stays behind outputs that are waiting for their downloads. */
  | { type: "failure"; error: unknown };

/** Returns the event that users receive for an event of the pipeline; `undefined` where they receive none. */
export function jobEvent<T>(event: CallEvent<T>): JobEvent<T> | undefined {
  if (event.type === "output") return event.event;
  return event.type === "status" || event.type === "log" ? event : undefined;
}
