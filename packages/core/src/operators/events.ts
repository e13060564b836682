import { distinctUntilChanged, filter, map, type OperatorFunction, pipe } from "rxjs";
import type { DataEvent, JobEvent } from "../events.ts";
import { outermostProgress } from "./job-state.ts";

/** Types of the events of a call. */
export type JobEventType = JobEvent["type"];

/** The event of a call that has this type. */
export type EventOfType<T, Type extends JobEventType> = Extract<JobEvent<T>, { type: Type }>;

/**
 * Emits only the events of the given types, with their type narrowed.
 *
 * @example
 * ```ts
 * client.observe("/write", ["cats"]).pipe(ofType("log")).subscribe(({ level, log }) => show(level, log));
 * ```
 */
export function ofType<T, Type extends JobEventType>(
  ...types: readonly [Type, ...Type[]]
): OperatorFunction<JobEvent<T>, EventOfType<T, Type>> {
  return filter((event): event is EventOfType<T, Type> => (types as readonly JobEventType[]).includes(event.type));
}

/**
 * Emits the data of each output of a call.
 *
 * @example
 * ```ts
 * client.observe<string>("/write", ["cats"]).pipe(outputs()).subscribe((text) => show(text));
 * ```
 */
export function outputs<T>(): OperatorFunction<JobEvent<T>, T> {
  return pipe(
    filter((event: JobEvent<T>): event is DataEvent<T> => event.type === "data"),
    map(({ data }) => data),
  );
}

/**
 * Emits the progress of the app's outermost bar, from 0 to 1: each value once, and 1 when the call completes.
 *
 * For a bar with neither a fraction nor a length, nothing is emitted.
 */
export function progress(): OperatorFunction<JobEvent, number> {
  return pipe(
    filter((event: JobEvent) => event.type === "status"),
    map(({ stage, progressData }) => (stage === "complete" ? 1 : outermostProgress(progressData))),
    filter((value) => value !== null),
    distinctUntilChanged(),
  );
}
