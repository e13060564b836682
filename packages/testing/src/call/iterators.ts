/** A generator that is under way. */
export type Running = Iterator<unknown> | AsyncIterator<unknown>;

/** The generators of an app: those of queued jobs by event id, and a count of all. */
export interface Iterators {
  get(eventId: string): Running | undefined;
  set(eventId: string, iterator: Running): void;
  /** Forgets a generator that has come to its end. */
  forget(eventId: string): void;
  /** Closes a job's generator and forgets it. Resolves when it has stopped, which is at its next yield. */
  close(eventId: string): Promise<void>;
  /** Resolves when a job's generator is over; at once where there is none. */
  whenOver(eventId: string): Promise<void>;
  /** How many have been started and have not ended. */
  count(): number;
  /** Counts one more from now on. */
  started(iterator: Running): void;
  /** Counts one less. */
  ended(iterator: Running): void;
}

/** Starts with none. */
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

/** Ends a generator at its next yield. What it throws on the way out is nobody's concern any more. */
export async function closeIterator(iterator: Running): Promise<void> {
  try {
    await iterator.return?.(undefined);
  } catch {
    // its job has ended already
  }
}
