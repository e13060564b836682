import { type MonoTypeOperatorFunction, Observable, tap } from "rxjs";
import type { DataEvent, JobEvent, LogEvent, StatusEvent } from "../events.ts";
import type { CallOptions } from "../options.ts";
import { callListener } from "../timers.ts";
import { type CallEvent, jobEvent } from "./messages.ts";

/** Listeners of `Job.on`, by type. */
export interface JobListeners<T> {
  status: (event: StatusEvent) => void;
  data: (event: DataEvent<T>) => void;
  log: (event: LogEvent) => void;
  result: (result: T) => void;
  error: (error: unknown) => void;
}

/** Some of the listeners of one reader. */
export type SomeListeners<T> = { [Type in keyof JobListeners<T>]?: JobListeners<T>[Type] | undefined };

/** Returns the callbacks in the options of a call. Each result callback is a reader of its own. */
export function listenersIn<T>(options: CallOptions<T>): SomeListeners<T>[] {
  const { onStatus, onData, onLog, onResult, onError, resultCallbacks = [] } = options;
  const given = { status: onStatus, data: onData, log: onLog, result: onResult, error: onError };
  const all: SomeListeners<T>[] = resultCallbacks.map((result) => ({ result }));
  return Object.values(given).some(Boolean) ? [given, ...all] : all;
}

/** Returns the listener for an event; `undefined` without one. */
export function listenerFor<T>(
  listeners: SomeListeners<T>,
  event: JobEvent<T>,
): ((event: JobEvent<T>) => void) | undefined {
  return listeners[event.type] as ((event: JobEvent<T>) => void) | undefined;
}

/** Calls the callbacks of a call's options with its events, and with its end. */
export function callListeners(options: CallOptions): MonoTypeOperatorFunction<CallEvent> {
  const all = listenersIn(options);
  if (all.length === 0) return (events$) => events$;
  let result: unknown;
  const each = <Value>(
    value: Value,
    pick: (one: SomeListeners<unknown>) => ((value: Value) => void) | undefined,
  ): void => {
    for (const listeners of all) {
      const listener = pick(listeners);
      if (listener) callListener(listener, value);
    }
  };
  return tap({
    next: (event) => {
      if (event.type === "result") result = event.data;
      const visible = jobEvent(event);
      if (visible) each(visible, (listeners) => listenerFor(listeners, visible));
    },
    complete: () => each(result, ({ result: listener }) => listener),
    error: (error: unknown) => each(error, ({ error: listener }) => listener),
  });
}

/**
 * Delivers values one after the other: a value that a reader causes while it handles another one, such as the end of a call
 * that it cancels, is delivered after that one. RxJS would deliver it nested, before other readers have received the first.
 *
 * A bridge: the queues of RxJS's schedulers would hold the events of other calls as well.
 */
export function serialize<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const waiting: (() => void)[] = [];
    let busy = false;
    const run = (work: () => void): void => {
      if (busy) {
        waiting.push(work);
        return;
      }
      busy = true;
      work();
      for (let next = waiting.shift(); next; next = waiting.shift()) next();
      busy = false;
    };
    return source.subscribe({
      next: (value) => run(() => subscriber.next(value)),
      error: (error: unknown) => run(() => subscriber.error(error)),
      complete: () => run(() => subscriber.complete()),
    });
  });
}
