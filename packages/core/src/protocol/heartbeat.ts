import { eventStream } from "../http/event-stream.ts";
import type { Http } from "../http/request.ts";
import { later } from "../timers.ts";
import { HEARTBEAT_RETRY } from "./timings.ts";

/** Maximum number of characters of one event: the app sends a word. */
const EVENT = 65_536;

/**
 * Keeps the heartbeat connection of a session open (PROTOCOL.md, 5.2): its end shows the app that the visitor has gone. The
 * connection is opened again with back-off when it ends. Its failure affects no call, and it keeps no program alive.
 *
 * @returns a function that ends it.
 */
export function heartbeat(http: Http, path: string): () => void {
  const { shortest, longest } = HEARTBEAT_RETRY;
  let pause: number = shortest;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close: () => void = () => undefined;
  const retry = (): void => {
    timer = later(open, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, longest);
  };
  const open = (): void => {
    const subscription = eventStream({
      open: (signal) => http.open(path, { signal, background: true }),
      onBytes: () => void (pause = shortest),
      limit: EVENT,
    }).subscribe({ complete: retry, error: retry });
    close = () => subscription.unsubscribe();
  };
  open();
  return () => {
    clearTimeout(timer);
    close();
  };
}
