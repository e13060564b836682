import type { JobEvent } from "../events.ts";
import type { Log } from "./log.ts";

/**
 * Reads a log as an async iterable, from the start. It listens from this call on, so that nothing is lost between two
 * steps of a slow loop; leaving the loop stops listening.
 *
 * @param pick - what of an event the loop gets; an empty list for nothing.
 * @param policy - `"latest"` keeps only the newest for a loop that is slower than the app.
 */
export function iterate<T, U>(
  log: Log<T>,
  pick: (event: JobEvent<T>) => readonly U[],
  policy: "buffer" | "latest",
): AsyncIterableIterator<U> {
  let ready: U[] = [];
  let taken = 0;
  let ended: { error?: unknown; ok: boolean } | null = null;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const stop = log.read({
    event: (event) => {
      const picked = pick(event);
      if (picked.length === 0) return;
      if (policy === "latest") [ready, taken] = [[], 0];
      ready.push(...picked);
      notify();
    },
    end: (outcome) => {
      ended ??= outcome.ok ? { ok: true } : { ok: false, error: outcome.error };
      notify();
    },
  });

  const step = async (): Promise<IteratorResult<U>> => {
    while (taken >= ready.length) {
      [ready, taken] = [[], 0];
      if (ended?.ok === false) {
        const { error } = ended;
        // An iterator throws once, and is over then.
        ended = { ok: true };
        throw error;
      }
      if (ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return { done: false, value: ready[taken++]! };
  };
  // Steps that are asked for before the last one was answered come one after the other.
  let last: Promise<unknown> = Promise.resolve();
  return {
    next() {
      const result = last.then(step);
      last = result.catch(() => undefined);
      return result;
    },
    async return() {
      stop();
      ended = { ok: true };
      [ready, taken] = [[], 0];
      notify();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
