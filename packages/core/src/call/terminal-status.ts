import { identity, Observable, Subscription } from "rxjs";
import { CancelledError, GradioError } from "../errors.ts";
import type { StatusEvent } from "../events.ts";
import { endOf } from "../protocol/protocol.ts";
import type { CallEvent, ResultEvent } from "./messages.ts";

/**
 * Ends a call's events with exactly one terminal status: `complete` where they complete; `cancelled` or `error` where they
 * error, or the signal is aborted, right before the error itself. The call's endpoint and event id are added to the error.
 *
 * A bridge from the signal, in one operator: each operator takes memory while a call waits.
 *
 * @param starting - status that the call starts with; it is emitted first.
 * @param signal - aborted with the call's end, where our side ends it.
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
