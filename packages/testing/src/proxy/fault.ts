/**
 * Selects the requests that a fault applies to. A field that is left out matches every request but CORS preflights (`OPTIONS`).
 * Rules are plain data and can be sent as JSON.
 */
export interface Rule {
  /** `"GET"`, `"POST"` … */
  method?: string;
  /**
   * End of the path, without the query: `"/queue/join"` matches `/sub/gradio_api/queue/join`. `*` matches one segment, as in
   * `"/heartbeat/*"`, and `**` any number of segments.
   */
  path?: string;
  /** Number of the first matching request that the fault applies to, from 1. Default 1. */
  nth?: number;
  /** Number of matching requests that it applies to, from that one on. Default 1. */
  times?: number | "always";
  fault: Fault;
}

/** Changes to a request and its response. Every field is optional; they apply in the order of the fields. */
export interface Fault {
  /** Whether the request is forwarded to the app. Default: `true` unless `answer` or `raw` is set. */
  forward?: boolean;
  /** Milliseconds before the response begins. */
  delay?: number;
  /** Bytes (as Latin-1) to send instead of an HTTP response; then the connection is closed. */
  raw?: string;
  /** Response to send instead of the app's. */
  answer?: MadeAnswer;
  /** Changes to the head of the response. */
  head?: HeadFault;
  /** Changes to the events of the response, if it is an event stream. */
  events?: EventFault;
  /** Changes to the body of the response. */
  body?: BodyFault;
  /** Point at which the response is aborted or stalls. */
  breaks?: Break;
}

/**
 * A response made by the proxy. Pages of any origin can read it. `$path` and `$query` in its headers are replaced by those of the
 * request.
 */
export interface MadeAnswer {
  /** Status. Default 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Body: a string is sent unchanged, anything else as JSON. Default: no body. */
  body?: unknown;
  /** Number of bytes of JSON white space to send instead of `body`, compressed to a few kilobytes. */
  bomb?: number;
  /** Whether the body of the request is left unread, and the connection closed after the answer. Default `false`. */
  unread?: boolean;
}

/** Changes to the head of a response. */
export interface HeadFault {
  /** HTTP version; with `"1.0"` the body ends with the connection. */
  version?: "1.0" | "1.1";
  /** Statuses of interim responses before the final one, such as 103. */
  interim?: readonly number[];
  /** Headers to replace or add; `null` removes one. */
  headers?: Readonly<Record<string, string | null>>;
  /** Framing of the body: in chunks, by `content-length`, or by the end of the connection. Default: that of the app. */
  frame?: "chunked" | "length" | "connection";
}

/** Changes to the body of a response. */
export interface BodyFault {
  /** Text before the body, such as a byte order mark. */
  prefix?: string;
  /** Texts to replace everywhere in the body, with their replacements; in an event stream, within each event. */
  replace?: Readonly<Record<string, string>>;
  /** Number of bytes in each write and in each chunk. */
  pieces?: number;
  /** Milliseconds to wait after each piece. */
  pause?: number;
  /** Content encoding, with valid or invalid data. */
  encoding?: "gzip" | "broken gzip";
}

/** Changes to an event stream. */
export interface EventFault {
  /** Text before the first event, such as comments or a byte order mark. */
  prefix?: string;
  /** Lines to add before each event, with their line ends: `": comment\n"`, `"id: 7\n"`. */
  lines?: string;
  /** Line end of all lines; `"mixed"` uses each in turn. Default `"\n"`. */
  lineEnd?: "\n" | "\r" | "\r\n" | "mixed";
  /** Whether the space after `data:` is left out. */
  bare?: boolean;
  /** Whether the data of each event is split into several lines. */
  split?: boolean;
  /** Changes to single events, applied in this order. */
  edits?: readonly EventEdit[];
}

/** A change to some of the events of a stream. */
export interface EventEdit {
  /** Kind of message. Default: any. */
  msg?: string;
  /** Number of the first matching event that is changed, from 1. Default 1. */
  nth?: number;
  /** Number of events that are changed. Default 1. */
  times?: number | "always";
  /** `"drop"` removes the event, `"replace"` puts `with` in its place, `"before"` and `"after"` add `with` to it, `"double"` repeats it. */
  do: "drop" | "replace" | "before" | "after" | "double";
  /** Messages to add. They are sent as JSON, but a string is sent unchanged. `"$id"` is replaced by the id of the event. */
  with?: readonly unknown[];
}

/** Point at which a response is interrupted, and the kind of interruption. */
export interface Break {
  at: Point;
  /**
   * `"end"` ends the body properly; `"close"` closes the connection before the end of the body; `"reset"` resets it; `"stall"` sends
   * no more data.
   */
  how: "end" | "close" | "reset" | "stall";
  /** Milliseconds after which a stall ends and the rest is sent. Default: it does not end. */
  for?: number;
  /** Text that is sent ten times a second during a stall. */
  murmur?: string;
}

/**
 * A point in an exchange: before the body of the request is read, or after some bytes of it; before the response, within its head,
 * or before the end of its body; after some bytes of the body, or some milliseconds after the head; or at an event.
 */
export type Point =
  | "request"
  | { requestByte: number }
  | "answer"
  | "head"
  | "end"
  | { byte: number }
  | { ms: number }
  | EventPoint;

/** A point in an event stream. */
export interface EventPoint {
  /** Number of the event, from 1, or its kind of message. */
  event: number | string;
  /** Number of the event among those of that kind. Default 1. */
  nth?: number;
  /**
   * Position in the event: before it, in its middle, within its first character of more than one byte, before its blank line, or
   * after it. Default `"after"`.
   */
  part?: "before" | "inside" | "character" | "blank" | "after";
}
