import { catchError, concat, defer, type Observable, of, tap, throwError } from "rxjs";
import { CancelledError, GradioError } from "../errors.ts";
import type { StatusEvent } from "../events.ts";
import { endOf } from "../protocol/protocol.ts";
import type { CallEvent, ResultEvent } from "./call-event.ts";

/**
 * Ends a call's events with exactly one terminal status: `complete` where they complete; `cancelled` or `error` where they
 * error, right before the error itself. The call's endpoint and event id are added to the error.
 *
 * @param starting - status that the call starts with; it is emitted first.
 * @param signal - aborted with the call's end, where our side ended it.
 */
export function terminalStatus(
  starting: StatusEvent,
  signal: AbortSignal,
): (events$: Observable<CallEvent>) => Observable<CallEvent> {
  return (events$) =>
    defer(() => {
      let last = starting;
      let { eventId } = starting;
      let figures: ResultEvent["figures"] | undefined;
      const terminal = (stage: "complete" | "cancelled" | "error", msg: string): StatusEvent => {
        const success = stage === "complete";
        return { ...last, ...(success && figures), stage, msg, success, eventId, upload: null, time: new Date() };
      };
      return concat(
        of(starting),
        events$.pipe(
          tap((event) => {
            if (event.type === "status") last = event;
            if (event.type === "status" || event.type === "accepted") ({ eventId } = event);
            else if (event.type === "result") ({ figures } = event);
          }),
        ),
        defer(() => of(terminal("complete", "Complete"))),
      ).pipe(
        catchError((error: unknown) => {
          if (error instanceof GradioError) {
            error.endpoint ??= starting.endpoint;
            error.eventId ??= eventId;
          }
          const msg = error instanceof Error ? error.message : String(error);
          const status = terminal(isCancel(error, signal) ? "cancelled" : "error", msg);
          return concat(
            of(status),
            throwError(() => error),
          );
        }),
      );
    });
}

/** Whether an error means that the call was cancelled: by our side, or by the app. */
function isCancel(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof CancelledError) return true;
  const end = endOf(signal);
  return end !== null && end.error === error && (end.why === "cancelled" || end.why === "closed");
}

/** Throws the error of a `failure` event; returns any other event. */
export function throwFailure(event: CallEvent): CallEvent {
  if (event.type === "failure") throw event.error;
  return event;
}
