/** A started generator. */
export type Running = Iterator<unknown> | AsyncIterator<unknown>;

/** The started generators of an app; generators of queued jobs are found by their event id. */
export interface Iterators {
  get(eventId: string): Running | undefined;
  set(eventId: string, iterator: Running): void;
  /** Removes a generator that has ended. */
  forget(eventId: string): void;
  /** Closes and removes a job's generator. Resolves when it has stopped, which is at its next `yield`. */
  close(eventId: string): Promise<void>;
  /** Resolves when a job's generator has ended; at once if there is no generator. */
  whenOver(eventId: string): Promise<void>;
  /** Number of generators that have started and have not ended. */
  count(): number;
  /** Adds a generator to the count. */
  started(iterator: Running): void;
  /** Removes a generator from the count. */
  ended(iterator: Running): void;
}

/** Creates an empty registry. */
export function createIterators(): Iterators {
  const byEvent = new Map<string, Running>();
  const waiting = new Map<string, (() => void)[]>();
  const alive = new Set<Running>();
  const forget = (eventId: string): void => {
    byEvent.delete(eventId);
    for (const resolve of waiting.get(eventId) ?? []) resolve();
    waiting.delete(eventId);
  };
  return {
    get: (eventId) => byEvent.get(eventId),
    set: (eventId, iterator) => void byEvent.set(eventId, iterator),
    forget,
    async close(eventId) {
      const iterator = byEvent.get(eventId);
      if (iterator === undefined) return;
      await closeIterator(iterator);
      alive.delete(iterator);
      forget(eventId);
    },
    async whenOver(eventId) {
      if (!byEvent.has(eventId)) return;
      await new Promise<void>((resolve) => {
        waiting.set(eventId, [...(waiting.get(eventId) ?? []), resolve]);
      });
    },
    count: () => alive.size,
    started: (iterator) => void alive.add(iterator),
    ended: (iterator) => void alive.delete(iterator),
  };
}

/** Ends a generator at its next `yield` and ignores its errors. */
export async function closeIterator(iterator: Running): Promise<void> {
  try {
    await iterator.return?.(undefined);
  } catch {
    // The job has already ended: there is no call to report the error to.
  }
}
