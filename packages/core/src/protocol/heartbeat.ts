import { later } from "../timers.ts";
import { eventStream } from "../http/event-stream.ts";
import type { Http } from "../http/request.ts";

const SHORTEST = 1_000;
const LONGEST = 60_000;

/**
 * Holds the heartbeat connection of a session open (PROTOCOL.md, 5.2): its end tells the app that the visitor has gone.
 * It is renewed when it drops, with back-off; its failure is nobody's failure, and it keeps no program alive.
 *
 * @returns a function that ends it.
 */
export function heartbeat(http: Http, path: string): () => void {
  let wait = SHORTEST;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let end: () => void = () => undefined;
  const again = (): void => {
    timer = later(beat, wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST);
  };
  const beat = (): void => {
    const open = (signal: AbortSignal) => http.open(path, { signal, background: true });
    const lived = (): void => void (wait = SHORTEST);
    const subscription = eventStream({ open, onBytes: lived, limit: 65_536 }).subscribe({
      complete: again,
      error: again,
    });
    end = () => subscription.unsubscribe();
  };
  beat();
  return () => {
    clearTimeout(timer);
    end();
  };
}
