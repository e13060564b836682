import { BehaviorSubject, Observable } from "rxjs";

/** How the client's connection to the app is doing. */
export type ConnectionState = "idle" | "connecting" | "open" | "lost" | "closed";

/** The state of a client's connection: now, and each change, until it is closed for good. */
export class ConnectionStates {
  readonly #state = new BehaviorSubject<ConnectionState>("idle");

  /** For those who want to watch. One who comes after the end is told that it is closed. */
  readonly state$: Observable<ConnectionState> = new Observable((subscriber) => {
    // A subject that has completed would keep its last word from those who come late.
    if (this.#state.value === "closed") subscriber.next("closed");
    subscriber.add(this.#state.subscribe(subscriber));
  });

  /** Tells a change; what is no change is not told. */
  set(state: ConnectionState): void {
    if (this.#state.value !== state) this.#state.next(state);
  }

  /** The last change of all. */
  close(): void {
    this.set("closed");
    this.#state.complete();
  }
}
