import type { RawApp } from "@gradio-rx/core/raw";

/** Opens an event stream of the app as an EventSource: `onopen` is not called, and a stream that has ended is not opened again. */
export function openStream(app: RawApp, url: URL): EventSource {
  const target = new EventTarget();
  const state = { readyState: 1 };
  const subscription = app.events(url).subscribe({
    next: (data) => dispatch(new MessageEvent("message", { data })),
    error: () => end(),
    complete: () => end(),
  });
  const source = Object.assign(target, {
    url: url.href,
    withCredentials: false,
    CONNECTING: 0 as const,
    OPEN: 1 as const,
    CLOSED: 2 as const,
    onmessage: null,
    onerror: null,
    onopen: null,
    close: () => {
      state.readyState = 2;
      subscription.unsubscribe();
    },
  });
  Object.defineProperty(source, "readyState", { get: () => state.readyState });
  const opened = source as unknown as EventSource;
  function dispatch(event: MessageEvent | Event): void {
    const listener = event.type === "message" ? opened.onmessage : opened.onerror;
    listener?.call(opened, event as MessageEvent);
    target.dispatchEvent(event);
  }
  function end(): void {
    state.readyState = 2;
    dispatch(new Event("error"));
  }
  return opened;
}
