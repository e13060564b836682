import {
  animationFrames,
  catchError,
  type MonoTypeOperatorFunction,
  Observable,
  race,
  type Subscription,
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
    // RxJS's `audit` drops the value that waits when the source errors, and emits it a frame late when the source completes.
    new Observable<T>((subscriber) => {
      let newest: { value: T } | null = null;
      let frame: Subscription | null = null;
      const flush = (): void => {
        frame?.unsubscribe();
        frame = null;
        const due = newest;
        newest = null;
        if (due) subscriber.next(due.value);
      };
      subscriber.add(() => frame?.unsubscribe());
      subscriber.add(
        values$.subscribe({
          next: (value) => {
            newest = { value };
            frame ??= nextFrame$.subscribe(flush);
          },
          error: (error: unknown) => {
            flush();
            subscriber.error(error);
          },
          complete: () => {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
