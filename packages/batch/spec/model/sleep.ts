/** Waits as `setTimeout` of node:timers/promises does, but by the global clock, which is virtual in the model. */
export function setTimeout(delay: number, _?: undefined, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(resolve, delay);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
