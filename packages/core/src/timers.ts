/** The longest delay of a timer, in milliseconds: timers count in 32 bits, and what is longer would strike at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/**
 * A timer that keeps no program alive: what it does is only worth doing while something else still goes on.
 *
 * @param delay - in milliseconds.
 */
export function later(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delay);
  // In Node a timer is an object; elsewhere it is a number, and keeps nothing alive.
  const unref: unknown = Reflect.get(Object(timer), "unref");
  if (typeof unref === "function") unref.call(timer);
  return timer;
}

/** Calls a listener. What it throws is reported in a task of its own, as platforms do: it disturbs nobody else. */
export function guarded<Value>(listener: (value: Value) => void, value: Value): void {
  try {
    listener(value);
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}

/**
 * How long to wait before something that failed is tried again, in milliseconds: random, so that clients that failed together do
 * not come back together, and twice as long at most each time.
 *
 * @param failures - how often it has failed, from 1.
 */
export function backOff(failures: number, shortest: number, longest: number): number {
  return Math.random() * Math.min(longest, shortest * 2 ** failures);
}
