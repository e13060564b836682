import { Observable } from "rxjs";

/**
 * Queues what a reader causes while it handles a value: a value that the reader's own handler brings about, such as the end
 * of a call that it cancels, comes behind the one in hand. RxJS would deliver it nested, in front of later readers.
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
