import { Observable } from "rxjs";

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
