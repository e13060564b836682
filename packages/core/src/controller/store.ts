/**
 * A value with subscribers, for `useSyncExternalStore`. The snapshot changes only when subscribers are notified, so a render for another
 * reason shows nothing new.
 */
export class Store<Snapshot> {
  #snapshot: Snapshot;
  readonly #listeners = new Set<() => void>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** Returns the current snapshot: the same object until it changes. */
  readonly getSnapshot = (): Snapshot => this.#snapshot;

  /** Calls a listener after each change. Returns a function that removes it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Replaces the snapshot and notifies the subscribers. */
  publish(snapshot: Snapshot): void {
    if (snapshot === this.#snapshot) return;
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
