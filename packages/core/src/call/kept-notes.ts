import type { LogEvent, StatusEvent } from "../events.ts";
import { utf8Size } from "../http/body.ts";

/** A status or a log message that is kept. */
export interface Note {
  position: number;
  event: StatusEvent | LogEvent;
}

/** Approximate number of bytes that an event takes besides its texts. */
const OVERHEAD = 200;
/** Part of the limit that is left after notes were dropped, so that notes are dropped rarely. */
const LEFT = 0.75;

/**
 * The statuses and log messages of one call, with an upper limit in bytes. Beyond the limit, the oldest ones are dropped, except the
 * first status. One log message with their number takes their place.
 */
export class KeptNotes {
  readonly #limit: () => number;
  #notes: Note[] = [];
  #bytes = 0;
  #dropped = 0;

  /** @param limit - returns the maximum number of bytes. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get last(): Note | undefined {
    return this.#notes.at(-1);
  }

  add(note: Note): void {
    this.#notes.push(note);
    this.#bytes += sizeOf(note.event);
  }

  /** Replaces the last note. */
  replaceLast(note: Note): void {
    const last = this.#notes.pop();
    if (last) this.#bytes -= sizeOf(last.event);
    this.add(note);
  }

  /** Drops the oldest notes before a position, where all notes together exceed the limit. */
  trim(before: number): void {
    const limit = this.#limit();
    if (this.#bytes <= limit) return;
    const [first, ...notes] = this.#notes;
    const last = notes.pop();
    if (!first || !last) return;
    let next = 0;
    let newest: Note | undefined;
    for (; next < notes.length && this.#bytes > limit * LEFT && notes[next]!.position < before; next++) {
      newest = notes[next]!;
      this.#bytes -= sizeOf(newest.event);
      if (!isSummary(newest.event)) this.#dropped++;
    }
    if (!newest) return;
    const summary = { position: newest.position, event: summaryOf(newest.event, this.#dropped) };
    this.#notes = [first, summary, ...notes.slice(next), last];
    this.#bytes += sizeOf(summary.event);
  }

  /** Returns the first note at or behind a position. */
  at(position: number): Note | undefined {
    const notes = this.#notes;
    let low = 0;
    let high = notes.length;
    if (high > 0 && notes[high - 1]!.position < position) return undefined;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (notes[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return notes[low];
  }
}

/** Log messages that contain the number of dropped events. */
const summaries = new WeakSet<object>();

function isSummary(event: object): boolean {
  return summaries.has(event);
}

/** Creates the log message that takes the place of dropped events. */
function summaryOf({ endpoint, fnIndex, eventId, time }: Note["event"], dropped: number): LogEvent {
  const log = `${dropped} earlier log messages and statuses of this call are no longer kept. See the option "limits" (logs).`;
  const event: LogEvent = {
    type: "log",
    endpoint,
    fnIndex,
    eventId,
    time,
    level: "info",
    log,
    title: null,
    duration: null,
    visible: false,
  };
  summaries.add(event);
  return event;
}

/** Returns the size of an event in bytes: that of its texts in UTF-8, and {@link OVERHEAD}. */
function sizeOf(event: Note["event"]): number {
  if (event.type === "log") return OVERHEAD + utf8Size(event.log) + utf8Size(event.title ?? "");
  const bars = event.progressData ?? [];
  return bars.reduce(
    (sum, { desc, unit }) => sum + OVERHEAD + utf8Size(desc ?? "") + utf8Size(unit ?? ""),
    OVERHEAD + utf8Size(event.msg),
  );
}
