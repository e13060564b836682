import { distinctUntilChanged, type Observable, ReplaySubject } from "rxjs";

/** State of a client's connection to its app. */
export type ConnectionState = "idle" | "connecting" | "open" | "lost" | "closed";

/**
 * The state of a client's connection, as a subject: a subscriber receives the present state and each change. After `close`, it
 * receives `closed` and completion.
 */
export class ConnectionStates {
  readonly #subject = new ReplaySubject<ConnectionState>(1);
  readonly state$: Observable<ConnectionState> = this.#subject.pipe(distinctUntilChanged());

  constructor() {
    this.set("idle");
  }

  /** Emits a state. Emits nothing after `close`. */
  set(state: ConnectionState): void {
    this.#subject.next(state);
  }

  /** Emits `closed`, and completes. */
  close(): void {
    this.set("closed");
    this.#subject.complete();
  }
}
