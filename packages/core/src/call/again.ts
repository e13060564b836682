import { Observable } from "rxjs";
import { ConnectionError, QueueFullError, SessionLostError } from "../errors.ts";
import { backOff } from "../timers.ts";
import type { WireMessage } from "../wire/messages.ts";

/** When a call that failed is sent once more, and how it fails for good. */
export interface AgainOptions {
  /** Whether it may run more than once: then it is sent again when its connection broke. */
  resubmit: boolean;
  /** Whether it waits for room in a queue that is full. */
  waitForRoom: boolean;
  /** Makes of an error what is behind it. Default: nobody knows more. */
  explain?: ((error: unknown) => Promise<unknown>) | null;
}

/** Losses in a row without an output that end a call that may run again. */
const LOSSES = 3;
/** Of the waits between two tries; see {@link backOff}. In milliseconds. */
const SHORTEST = 300;
const LONGEST = 8_000;

/**
 * Sends a call again where its caller allows it: after a loss, or as long as the app's queue is full. Whoever unsubscribes
 * (a cancel, a time limit) ends that, too. What fails for good fails with what is behind it.
 *
 * @returns an operator; its source is subscribed once for each run.
 */
export function again({
  resubmit,
  waitForRoom,
  explain,
}: AgainOptions): (run$: Observable<WireMessage>) => Observable<WireMessage> {
  return (run$) => {
    if (!resubmit && !waitForRoom && !explain) return run$;
    return new Observable((subscriber) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let losses = 0;
      let full = 0;
      const lost = (error: unknown): boolean =>
        resubmit && (error instanceof ConnectionError || error instanceof SessionLostError) && ++losses < LOSSES;
      const noRoom = (error: unknown): boolean => waitForRoom && error instanceof QueueFullError;
      const later = (count: number, message: WireMessage): void => {
        subscriber.next(message);
        if (!subscriber.closed) timer = setTimeout(run, backOff(count, SHORTEST, LONGEST));
      };
      const fail = async (error: unknown): Promise<void> => subscriber.error(explain ? await explain(error) : error);
      const run = (): void => {
        const subscription = run$.subscribe({
          next: (message) => {
            if (message.kind === "process_generating") losses = 0;
            subscriber.next(message);
          },
          error: (error: unknown) => {
            if (lost(error)) later(losses, { kind: "resubmitted" });
            else if (noRoom(error)) later(++full, { kind: "queue_full" });
            else void fail(error);
          },
          complete: () => subscriber.complete(),
        });
        subscriber.add(subscription);
      };
      subscriber.add(() => clearTimeout(timer));
      run();
    });
  };
}
