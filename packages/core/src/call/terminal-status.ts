import { Observable, type Observer, type Subscriber, Subscription } from "rxjs";
import { CancelledError, GradioError } from "../errors.ts";
import type { StatusEvent } from "../events.ts";
import { endOf } from "../protocol/protocol.ts";
import type { CallEvent, ResultEvent } from "./call-event.ts";

/**
 * Ends a call's events with exactly one terminal status: `complete` where they complete; `cancelled` or `error` where they
 * error, or the signal is aborted, right before the error itself. The call's endpoint and event id are added to the error.
 *
 * A bridge from the signal, in one operator: each operator takes memory while a call waits.
 *
 * @param starting - status that the call starts with; it is emitted first.
 * @param signal - aborted with the call's end, where our side ends it.
 * @param clean - removes the secrets from the error.
 */
export function terminalStatus(
  starting: StatusEvent,
  signal: AbortSignal,
  clean: (error: unknown) => void = () => undefined,
): (events$: Observable<CallEvent>) => Observable<CallEvent> {
  return (events$) =>
    new Observable((subscriber) => {
      const end = new CallEnding(starting, signal, { subscriber, clean });
      subscriber.next(starting);
      if (signal.aborted) return end.fail(endError(signal));
      const abort = (): void => end.fail(endError(signal));
      signal.addEventListener("abort", abort, { once: true });
      subscriber.add(() => signal.removeEventListener("abort", abort));
      subscriber.add(end.source);
      end.source.add(events$.subscribe(end));
    });
}

/** Receives the events of a call, and ends them. */
class CallEnding implements Observer<CallEvent> {
  /** Subscription to the events. */
  readonly source: Subscription = new Subscription();
  readonly #subscriber: Subscriber<CallEvent>;
  readonly #signal: AbortSignal;
  readonly #clean: (error: unknown) => void;
  #last: StatusEvent;
  #eventId: string | null;
  #figures: ResultEvent["figures"] | undefined;

  constructor(
    starting: StatusEvent,
    signal: AbortSignal,
    { subscriber, clean }: { subscriber: Subscriber<CallEvent>; clean: (error: unknown) => void },
  ) {
    this.#last = starting;
    this.#eventId = starting.eventId;
    this.#signal = signal;
    this.#clean = clean;
    this.#subscriber = subscriber;
  }

  next(event: CallEvent): void {
    if (this.source.closed) return;
    if (event.type === "failure") return this.fail(event.error);
    if (event.type === "status") this.#last = event;
    if (event.type === "status" || event.type === "accepted") this.#eventId = event.eventId;
    else if (event.type === "result") this.#figures = event.figures;
    this.#subscriber.next(event);
  }

  error(error: unknown): void {
    this.fail(error);
  }

  complete(): void {
    if (this.source.closed) return;
    // First, so that a reader of the status which aborts the call changes nothing.
    this.source.unsubscribe();
    this.#emit("complete", "Complete");
    this.#subscriber.complete();
  }

  fail(error: unknown): void {
    if (this.source.closed) return;
    this.source.unsubscribe();
    this.#clean(error);
    if (error instanceof GradioError) {
      error.endpoint ??= this.#last.endpoint;
      error.eventId ??= this.#eventId;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.#emit(isCancel(error, this.#signal) ? "cancelled" : "error", message);
    this.#subscriber.error(error);
  }

  #emit(stage: "complete" | "cancelled" | "error", msg: string): void {
    const success = stage === "complete";
    const ended = { stage, msg, success, eventId: this.#eventId, upload: null, time: new Date() };
    this.#subscriber.next({ ...this.#last, ...(success && this.#figures), ...ended });
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
