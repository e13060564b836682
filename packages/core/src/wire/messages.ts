import type { ProgressBar } from "../events.ts";
import { type Fields, isFields, number, text } from "../fields.ts";

/** Output of a function on the wire: whole values at first, diffs later. */
export interface WireOutput {
  /** One element for each output component, states included; `null` after a cancel. */
  data: unknown[] | null;
  /** The reason why the data is invalid; `null` for an array, and for an output without data. */
  broken: string | null;
  /** Components that the function rendered, unparsed; `undefined` where it rendered none. */
  rendered: unknown;
  averageDuration: number | null;
}

/** Error of a function. `error` is `null` where the app hides the text. */
export interface WireFailure {
  error: string | null;
  title: string | null;
  /** Seconds for which the app's page would show it; `null`: until it is closed. */
  duration: number | null;
  visible: boolean;
}

/** Parts of every message about one call. */
interface Sent {
  eventId: string;
  /** The message as the app sent it, unchecked, for the raw calls of adapters. */
  source: Fields;
}

/**
 * One parsed message of the event stream (PROTOCOL.md, 3). Durations are in seconds, as on the wire. A kind that the SDK does
 * not use is `unknown`, and is ignored.
 */
export type WireMessage =
  | (Sent & { kind: "estimation"; rank: number | null; queueSize: number | null; eta: number | null })
  | (Sent & { kind: "process_starts"; eta: number | null })
  | (Sent & { kind: "progress"; bars: ProgressBar[] })
  | (Sent & {
      kind: "log";
      log: string;
      level: string;
      title: string | null;
      duration: number | null;
      visible: boolean;
    })
  | (Sent & { kind: "process_generating"; output: WireOutput; diffs: boolean; timeLimit: number | null })
  | (Sent & {
      kind: "process_completed";
      output: WireOutput;
      failure: WireFailure | null;
      usedCache: "full" | "partial" | null;
      cacheDuration: number | null;
      averageDuration: number | null;
    })
  | { kind: "unexpected_error"; eventId: string | null; message: string; sessionNotFound: boolean }
  | { kind: "close_stream" }
  | { kind: "heartbeat" }
  | { kind: "unknown" };

/** Differences of messages between the generations and versions of the wire. */
export interface WireTraits {
  /** Whether a generator's later outputs are sent as diffs. */
  diffs: boolean;
  /** Removes Python's quotes and escapes from the texts of errors; `null` where the app sends texts without them. */
  unquote: ((text: string) => string) | null;
}

/** Parses one event of the stream. A value that is not a message gives `unknown`. */
export function parseMessage(value: unknown, traits: WireTraits): WireMessage {
  if (!isFields(value)) return { kind: "unknown" };
  const eventId = text(value["event_id"]);
  const { msg } = value;
  // Nearly all messages are of this kind.
  if (eventId !== null && msg === "process_generating") return generating(value, eventId, traits);
  switch (msg) {
    case "heartbeat":
    case "close_stream":
      return { kind: msg };
    case "server_stopped":
      return { kind: "unexpected_error", eventId: null, message: "The server stopped.", sessionNotFound: false };
    case "unexpected_error":
      return unexpected(value, eventId);
  }
  if (eventId === null) return { kind: "unknown" };
  switch (msg) {
    case "process_streaming":
      return generating(value, eventId, traits);
    case "estimation":
      return {
        kind: "estimation",
        eventId,
        source: value,
        rank: number(value["rank"]),
        queueSize: number(value["queue_size"]),
        eta: number(value["rank_eta"]),
      };
    case "process_starts":
      return { kind: "process_starts", eventId, source: value, eta: number(value["eta"]) };
    case "progress":
      return { kind: "progress", eventId, source: value, bars: progressBars(value["progress_data"]) };
    case "log":
      return log(value, eventId);
    case "process_completed":
      return completed(value, eventId, traits);
    default:
      return { kind: "unknown" };
  }
}

function unexpected(fields: Fields, eventId: string | null): WireMessage {
  const message = text(fields["message"]) ?? "The app reported an unexpected error.";
  // Up to 5.37 the app sends no flag, only the text of a 404.
  const sessionNotFound = fields["session_not_found"] === true || message.startsWith("404:");
  return { kind: "unexpected_error", eventId, message, sessionNotFound };
}

function log(fields: Fields, eventId: string): WireMessage {
  return {
    kind: "log",
    eventId,
    source: fields,
    log: text(fields["log"]) ?? "",
    level: text(fields["level"]) ?? "info",
    title: text(fields["title"]),
    duration: number(fields["duration"]),
    visible: fields["visible"] !== false,
  };
}

function generating(fields: Fields, eventId: string, { diffs }: WireTraits): WireMessage {
  // A failed yield is sent as a generating message with an error. The completion that follows repeats the error.
  if (fields["success"] === false) return { kind: "unknown" };
  return {
    kind: "process_generating",
    eventId,
    source: fields,
    output: output(fields["output"]),
    diffs: diffs && fields["msg"] === "process_generating",
    timeLimit: number(fields["time_limit"]),
  };
}

function completed(fields: Fields, eventId: string, { unquote }: WireTraits): WireMessage {
  const body = isFields(fields["output"]) ? fields["output"] : {};
  const failed = fields["success"] === false || "error" in body;
  const cache = fields["used_cache"];
  return {
    kind: "process_completed",
    eventId,
    source: fields,
    output: output(fields["output"]),
    failure: failed ? failure(body, text(fields["title"]), unquote) : null,
    usedCache: cache === "full" || cache === "partial" ? cache : null,
    cacheDuration: number(fields["cache_duration"]),
    averageDuration: number(fields["avg_time"]),
  };
}

/** Reads the error of a failed run. */
function failure(body: Fields, title: string | null, unquote: WireTraits["unquote"]): WireFailure {
  const error = text(body["error"]);
  return {
    error: error !== null && unquote && !("title" in body) ? unquote(error) : error,
    title: text(body["title"]) ?? title,
    duration: number(body["duration"]),
    visible: body["visible"] !== false,
  };
}

/**
 * Returns the message for an event that cannot be parsed, so that it fails its own call only; `null` where its beginning does not name its
 * call (PROTOCOL.md, 3.13).
 *
 * @param reason - text of the error that the call fails with.
 */
export function brokenMessage(event: string, reason: string): WireMessage | null {
  // A later "event_id" could stand inside of an output.
  const [, msg, eventId] = /^\{"msg": ?"(process_\w+)", ?"event_id": ?"([\w-]+)"/.exec(event) ?? [];
  if (eventId === undefined) return null;
  const broken = { source: {}, output: { ...output(null), broken: reason } };
  if (msg !== "process_completed")
    return { kind: "process_generating", eventId, ...broken, diffs: false, timeLimit: null };
  const times = { usedCache: null, cacheDuration: null, averageDuration: null };
  return { kind: "process_completed", eventId, ...broken, failure: null, ...times };
}

const NOT_A_LIST = "The data of an output is not an array.";

function output(value: unknown): WireOutput {
  if (!isFields(value)) return { data: null, broken: NOT_A_LIST, rendered: undefined, averageDuration: null };
  const { data } = value;
  const isList = Array.isArray(data);
  return {
    data: isList ? data : null,
    broken: data === undefined || isList ? null : NOT_A_LIST,
    rendered: value["render_config"] ?? undefined,
    averageDuration: number(value["average_duration"]),
  };
}

function progressBars(value: unknown): ProgressBar[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isFields).map((bar) => ({
    index: number(bar["index"]),
    length: number(bar["length"]),
    unit: text(bar["unit"]),
    progress: number(bar["progress"]),
    desc: text(bar["desc"]),
  }));
}
