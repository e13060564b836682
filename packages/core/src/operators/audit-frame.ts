import {
  animationFrames,
  audit,
  buffer,
  catchError,
  concatMap,
  connect,
  dematerialize,
  materialize,
  type MonoTypeOperatorFunction,
  type Observable,
  race,
  take,
  timer,
} from "rxjs";

/** Milliseconds of a frame where the platform has none, as in Node. */
const FRAME = 16;

/** Most milliseconds that a frame is waited for. Hidden pages get no frames; this timer replaces them. */
const LONGEST_FRAME = 100;

/** Emits once, with the next frame of the page; where there are no frames, after a timer. */
export const nextFrame$: Observable<unknown> = race(
  // Without `requestAnimationFrame` this fails on subscription.
  animationFrames().pipe(catchError(() => timer(FRAME))),
  timer(LONGEST_FRAME),
).pipe(take(1));

/**
 * Passes on the newest value once a frame. The last value is never lost: it is emitted before the stream completes or errors. In Node and
 * in hidden pages, which get no frames, timers take their place.
 *
 * @example
 * ```ts
 * client.observe<string>("/write", ["cats"]).pipe(outputs(), auditFrame()).subscribe((text) => render(text));
 * ```
 */
export function auditFrame<T>(): MonoTypeOperatorFunction<T> {
  return (values$) =>
    values$.pipe(
      // RxJS's `audit` alone drops the value that waits when the source errors, and emits it a frame late when the source completes.
      // `buffer` emits what waits at the end, so an error is made a value, too.
      materialize(),
      connect((all$) => all$.pipe(buffer(all$.pipe(audit(() => nextFrame$))))),
      // The newest value, and the end after it. Without a value, the index is -1, and only the end is left.
      concatMap((all) => all.slice(all.findLastIndex(({ kind }) => kind === "N"))),
      dematerialize(),
    );
}
