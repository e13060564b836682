import type { StatusEvent, StatusUpdate } from "../events.ts";
import { printable } from "../http/redaction.ts";
import type { WireMessage } from "../wire/messages.ts";

/** Creates the first status of a call. */
export function initialStatus(): StatusUpdate {
  return {
    stage: "starting",
    msg: "Starting",
    success: null,
    time: new Date(),
    progressData: null,
    rank: null,
    queueSize: null,
    eta: null,
    attempt: 1,
    timeLimit: null,
    usedCache: null,
    cacheDuration: null,
    averageDuration: null,
    upload: null,
  };
}

/** Creates the first event of a call. */
export function startingEvent({ endpoint, fnIndex }: { endpoint: string; fnIndex: number }): StatusEvent {
  return { type: "status", endpoint, fnIndex, eventId: null, ...initialStatus() };
}

/** Converts the duration of a message from seconds; `null`, also for 0: the message is shown until the user closes it. */
export function untilClosed(seconds: number | null): number | null {
  return milliseconds(seconds === 0 ? null : seconds);
}

/** Converts seconds, the unit of the wire, to milliseconds. */
export function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}

/** Returns a sentence about the position of a call in the queue. */
export function queueLine({
  rank,
  queueSize,
  eta,
}: {
  rank: number | null;
  queueSize: number | null;
  eta: number | null;
}): string {
  if (rank === null) return "In queue";
  const of = queueSize === null ? "" : ` of ${Math.max(queueSize, rank + 1)}`;
  const about = eta === null ? "" : `, about ${eta < 1000 ? "1" : Math.round(eta / 1000)} s`;
  return `In queue: position ${rank + 1}${of}${about}`;
}

/** Returns a sentence about the progress of the innermost bar. */
export function progressLine({ bars }: Extract<WireMessage, { kind: "progress" }>): string {
  // The innermost bar is the one that moves.
  const bar = bars.at(-1);
  if (!bar) return "Processing";
  const what = printable(bar.desc ?? "Processing");
  if (bar.progress !== null) return `${what}: ${Math.round(bar.progress * 100)} %`;
  if (bar.index === null) return what;
  const of = bar.length === null ? "" : ` of ${bar.length}`;
  return `${what}: ${bar.index}${of} ${printable(bar.unit ?? "steps")}`;
}
