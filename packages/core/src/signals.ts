import { concatMap, defer, fromEvent, type Observable, throwError } from "rxjs";

/**
 * Errors as soon as a signal is aborted; at once for one that was aborted before. For `takeUntil`.
 *
 * @param error - makes the error. Default: the signal's reason.
 */
export function aborted(signal: AbortSignal, error: () => unknown = () => signal.reason): Observable<never> {
  const fail = (): Observable<never> => throwError(error);
  // `fromEvent` alone misses an abort that came before.
  return defer(() => (signal.aborted ? fail() : fromEvent(signal, "abort").pipe(concatMap(fail))));
}
