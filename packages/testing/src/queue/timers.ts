/** Calls a function at an interval until the returned function is called. Does not keep the process alive. */
export function repeat(run: () => void, milliseconds: number): () => void {
  const timer = setInterval(run, milliseconds);
  unref(timer);
  return () => clearInterval(timer);
}

/** Resolves after a time. With `background` it does not keep the process alive. */
export function pause(milliseconds: number, { background }: { background?: boolean } = {}): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    if (background === true) unref(timer);
  });
}

/** Returns a signal that is aborted with the given one or after a time. Call `stop` when it is no longer needed. */
export function abortAfter(signal: AbortSignal, milliseconds: number): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  unref(timer);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  const stop = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, stop };
}

/** Lets the process exit while the timer runs. Only Node's timers have `unref`. */
function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
}
