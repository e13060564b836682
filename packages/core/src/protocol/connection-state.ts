import { Observable, type Subscriber } from "rxjs";

/** How the client's connection to the app is doing. */
export type ConnectionState = "idle" | "connecting" | "open" | "lost" | "closed";

/** The state of a client's connection: now, and each change, until it is closed for good. */
export class ConnectionStates {
  // By hand: nothing else would need the Subjects of RxJS, which pages would load for it.
  #state: ConnectionState = "idle";
  readonly #watchers = new Set<Subscriber<ConnectionState>>();

  /** For those who want to watch. One who comes after the end is told that it is closed. */
  readonly state$: Observable<ConnectionState> = new Observable((subscriber) => {
    const isOver = this.#state === "closed";
    if (!isOver) this.#watchers.add(subscriber);
    subscriber.next(this.#state);
    if (isOver) subscriber.complete();
    return () => this.#watchers.delete(subscriber);
  });

  /** Tells a change; what is no change is not told, and after the end nothing is. */
  set(state: ConnectionState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    for (const watcher of Array.from(this.#watchers)) watcher.next(state);
  }

  /** The last change of all. */
  close(): void {
    this.set("closed");
    for (const watcher of Array.from(this.#watchers)) watcher.complete();
  }
}
