/**
 * Which requests meet a fault. What is left out fits every request but the questions (`OPTIONS`) of browsers. Plain data: rules can
 * be sent as JSON.
 */
export interface Rule {
  /** `"GET"`, `"POST"` … */
  method?: string;
  /**
   * The path without its query, from its end: `"/queue/join"` fits `/sub/gradio_api/queue/join`. `*` stands for one segment,
   * `**` for any number of them: `"/heartbeat/*"`.
   */
  path?: string;
  /** The first of the fitting requests that meets it; those before pass. Default 1. */
  nth?: number;
  /** How many meet it, from that one on. Default 1. */
  times?: number | "always";
  fault: Fault;
}

/** What happens to a request and its answer. Every part may be left out; together they happen in the order of the fields. */
export interface Fault {
  /** Whether the app gets the request. Default: unless `answer` or `raw` stands in its place. */
  forward?: boolean;
  /** Milliseconds before the answer begins. */
  delay?: number;
  /** Bytes (as Latin-1) in place of anything like HTTP; then the connection is closed. */
  raw?: string;
  /** An answer in place of the app's. */
  answer?: MadeAnswer;
  /** What is done to the answer's head. */
  head?: HeadFault;
  /** What is done to the answer's events, where it has any. */
  events?: EventFault;
  /** What is done to the answer's body. */
  body?: BodyFault;
  /** Where the answer breaks off or stands still. */
  breaks?: Break;
}

/**
 * An answer that the app has not given; pages of any origin may read it. `$path` and `$query` in its headers stand for those of
 * the request.
 */
export interface MadeAnswer {
  /** Default 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** A string as it is; anything else as JSON. Default: no body. */
  body?: unknown;
  /** In place of `body`: so many bytes of JSON white space, sent compressed: a few kilobytes on the wire. */
  bomb?: number;
  /** Whether the body of the request is left unread, and the connection closed after the answer. Default `false`. */
  unread?: boolean;
}

/** What is done to an answer's head. */
export interface HeadFault {
  /** `"1.0"`: the body has no frame, its end is the connection's. */
  version?: "1.0" | "1.1";
  /** Interim answers before the true one, by their status: 103. */
  interim?: readonly number[];
  /** Replaced or added; `null` takes one away. */
  headers?: Readonly<Record<string, string | null>>;
  /** How the body's end is told: in chunks, by a length known before, or by the end of the connection. Default: as the app did. */
  frame?: "chunked" | "length" | "connection";
}

/** What is done to an answer's body. */
export interface BodyFault {
  /** Before everything else: a byte order mark, say. */
  prefix?: string;
  /** Texts, and what stands in their places everywhere; in an event stream, within each event. */
  replace?: Readonly<Record<string, string>>;
  /** Bytes in each write, and in each chunk. */
  pieces?: number;
  /** Milliseconds after each piece. */
  pause?: number;
  /** Compressed, truly or not. */
  encoding?: "gzip" | "broken gzip";
}

/** What is done to an event stream. */
export interface EventFault {
  /** Before the first event: comments, a byte order mark. */
  prefix?: string;
  /** Lines before those of each event, each with its line end: `": comment\n"`, `"id: 7\n"`. */
  lines?: string;
  /** The ends of all lines; `"mixed"` goes round. Default `"\n"`. */
  lineEnd?: "\n" | "\r" | "\r\n" | "mixed";
  /** Whether the blank after `data:` is left out. */
  bare?: boolean;
  /** Whether each event's data is spread over several lines. */
  split?: boolean;
  /** What is done to single events, in this order. */
  edits?: readonly EventEdit[];
}

/** What is done to some of a stream's events. */
export interface EventEdit {
  /** Kind of message; default: any. */
  msg?: string;
  /** The first of the fitting events that it happens to. Default 1. */
  nth?: number;
  /** How many. Default 1. */
  times?: number | "always";
  /** `"drop"` and `"replace"` take it away; `"before"` and `"after"` leave it, and put `with` beside it. */
  do: "drop" | "replace" | "before" | "after" | "double";
  /** Messages, sent as JSON; a string is sent as it is, line ends and all. `"$id"` stands for the event's own id. */
  with?: readonly unknown[];
}

/** Where an answer breaks, and how. */
export interface Break {
  at: Point;
  /**
   * `"end"` is a good end, as far as HTTP can tell; `"close"` closes the connection in the middle; `"reset"` resets it; `"stall"`
   * sends no more.
   */
  how: "end" | "close" | "reset" | "stall";
  /** Milliseconds after which a stall ends and the rest is sent. Default: never. */
  for?: number;
  /** Sent ten times a second while it stands still. */
  murmur?: string;
}

/**
 * A place in an exchange: before the request's body is read; after so many bytes of it; before the answer, in its head, before its
 * body's end is told; after so many bytes of the body, or milliseconds from its head; or at an event.
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

/** A place in an event stream. */
export interface EventPoint {
  /** Its number, from 1, or its kind of message. */
  event: number | string;
  /** Which one of that kind. Default 1. */
  nth?: number;
  /**
   * Before it, in the middle of it, in the middle of its first character of more than one byte, before its blank line, or
   * after it. Default `"after"`.
   */
  part?: "before" | "inside" | "character" | "blank" | "after";
}
