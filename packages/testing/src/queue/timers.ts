/** Runs something again and again until the answer is called. It keeps no program alive. */
export function repeat(run: () => void, milliseconds: number): () => void {
  const timer = setInterval(run, milliseconds);
  letGo(timer);
  return () => clearInterval(timer);
}

/** Resolves after a time; in the background it keeps no program alive. */
export function pause(milliseconds: number, { background }: { background?: boolean } = {}): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    if (background === true) letGo(timer);
  });
}

/** A signal that is aborted with the given one, or after a time. `stop` must be called when it is no longer needed. */
export function within(signal: AbortSignal, milliseconds: number): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  letGo(timer);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  const stop = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, stop };
}

/** Node alone has timers that hold up the end of the program. */
function letGo(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
}
