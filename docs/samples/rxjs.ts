// #region imports
import type { Client } from "@gradio-rx/client";
import { auditFrame, ofType, outputs, progress, retryJob, textDelta } from "@gradio-rx/client/operators";
import { debounceTime, from, map, mergeMap, type Observable, switchMap, takeUntil } from "rxjs";
// #endregion imports

// #region type-ahead
/** Searches while a user types. A new text cancels the search for the text before it. */
export function typeAhead(client: Client, texts$: Observable<string>): Observable<string[]> {
  return texts$.pipe(
    debounceTime(150),
    switchMap((text) => client.observe<string[]>("/search", [text]).pipe(outputs())),
  );
}
// #endregion type-ahead

// #region frames
/** Emits a text that grows, at most once for each frame of the screen. */
export function frames(client: Client, topic: string): Observable<string> {
  return client.observe<string>("/write", [topic]).pipe(outputs(), auditFrame());
}
// #endregion frames

// #region delta
/** Emits only the text that was added. */
export function added(client: Client, topic: string): Observable<string> {
  return client.observe<string>("/write", [topic]).pipe(outputs(), textDelta());
}
// #endregion delta

// #region progress
/** Emits the progress of a call from 0 to 1. */
export function share(client: Client, topic: string): Observable<number> {
  return client.observe("/write", [topic]).pipe(progress());
}
// #endregion progress

// #region logs
/** Emits the messages of the app's function. */
export function logs(client: Client, topic: string): Observable<string> {
  return client.observe("/write", [topic]).pipe(
    ofType("log"),
    map(({ level, log }) => `${level}: ${log}`),
  );
}
// #endregion logs

// #region stop
/** Counts until `stop$` emits, which cancels the call on the server. */
export function countUntil(client: Client, stop$: Observable<unknown>): Observable<number> {
  return client.observe<number>("/count").pipe(outputs(), takeUntil(stop$));
}
// #endregion stop

// #region retry
/** Greets, and calls again after an error that proves that the function did not run. */
export function greet(client: Client, name: string): Observable<string> {
  return client.observe<string>("/greet", [name]).pipe(retryJob({ count: 5 }), outputs());
}
// #endregion retry

// #region many
/** Greets all names, with at most four calls at a time. */
export function greetAll(client: Client, names: readonly string[]): Observable<string> {
  return from(names).pipe(mergeMap((name) => client.observe<string>("/greet", [name]).pipe(outputs()), 4));
}
// #endregion many
