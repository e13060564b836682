import { identity, Observable, Subscription } from "rxjs";
import { CancelledError, GradioError } from "../errors.ts";
import type { StatusEvent, StatusUpdate } from "../events.ts";
import { printable } from "../http/redaction.ts";
import { endOf } from "../protocol/protocol.ts";
import type { WireMessage } from "../wire/messages.ts";
import type { CallEvent, ResultEvent } from "./messages.ts";

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

/**
 * Ends a call's events with exactly one terminal status: `complete` where they complete; `cancelled` or `error` where they
 * error, or the signal is aborted, right before the error itself. The call's endpoint and event id are added to the error.
 *
 * A bridge from the signal. It is part of this operator, because a second one would take memory for each call that waits.
 *
 * @param starting - status that the call starts with; it is emitted first.
 * @param signal - aborted with the call's end, where the caller, a time limit or the client ends it.
 * @param hide - removes secrets from an error.
 */
export function terminalStatus(
  starting: StatusEvent,
  signal: AbortSignal,
  hide: (error: unknown) => unknown = identity,
): (events$: Observable<CallEvent>) => Observable<CallEvent> {
  return (events$) =>
    new Observable((subscriber) => {
      const ending = new CallEnding(starting, signal);
      const source = new Subscription();
      const fail = (given: unknown): void => {
        if (source.closed) return;
        source.unsubscribe();
        const error = hide(given);
        subscriber.next(ending.failed(error));
        subscriber.error(error);
      };
      const abort = (): void => fail(endError(signal));
      subscriber.next(starting);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      source.add(() => signal.removeEventListener("abort", abort));
      subscriber.add(source);
      source.add(
        events$.subscribe({
          next: (event) => {
            if (source.closed) return;
            if (event.type === "failure") return fail(event.error);
            ending.read(event);
            subscriber.next(event);
          },
          error: fail,
          complete: () => {
            if (source.closed) return;
            // A reader of the terminal status may abort the signal: the call has ended.
            source.unsubscribe();
            subscriber.next(ending.completed());
            subscriber.complete();
          },
        }),
      );
    });
}

/** Makes the terminal status of a call from its events. */
class CallEnding {
  readonly #signal: AbortSignal;
  #last: StatusEvent;
  #eventId: string | null;
  #figures: ResultEvent["figures"] | undefined;

  constructor(starting: StatusEvent, signal: AbortSignal) {
    this.#last = starting;
    this.#eventId = starting.eventId;
    this.#signal = signal;
  }

  read(event: CallEvent): void {
    if (event.type === "status") this.#last = event;
    if (event.type === "status" || event.type === "accepted") this.#eventId = event.eventId;
    else if (event.type === "result") this.#figures = event.figures;
  }

  completed(): StatusEvent {
    return this.#status("complete", "Complete");
  }

  /** Adds the call's endpoint and event id to the error. */
  failed(error: unknown): StatusEvent {
    if (error instanceof GradioError) {
      error.endpoint ??= this.#last.endpoint;
      error.eventId ??= this.#eventId;
    }
    const stage = isCancel(error, this.#signal) ? "cancelled" : "error";
    return this.#status(stage, error instanceof Error ? error.message : String(error));
  }

  #status(stage: "complete" | "cancelled" | "error", msg: string): StatusEvent {
    const success = stage === "complete";
    const ended = { stage, msg, success, eventId: this.#eventId, upload: null, time: new Date() };
    return { ...this.#last, ...(success && this.#figures), ...ended };
  }
}

function endError(signal: AbortSignal): unknown {
  return endOf(signal)?.error ?? signal.reason;
}

/** Whether an error means that the call was cancelled: by our side, or by the app. */
function isCancel(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof CancelledError) return true;
  const end = endOf(signal);
  return end !== null && end.error === error && (end.why === "cancelled" || end.why === "closed");
}
