import { defer, finalize, from, type Observable, takeUntil } from "rxjs";
import { ConnectionError, SessionLostError, TimeoutError } from "../errors.ts";
import { sleep, startBackgroundTimer } from "../timers.ts";
import { LATE, LOOK, PATIENCE, QUIET, READING } from "./timings.ts";

/**
 * Measures silence: the time since the last byte, without the time in which this process stood still (suspended, blocked, at a
 * breakpoint). A standstill shows by timers that fire late, so one timer after the other has to run while silence is measured.
 */
export class SilenceClock {
  readonly #lastByte: () => number | null;
  #last: number | null = null;
  /** Start of the present silence, moved forward by each standstill. */
  #start: number;
  /** Time at which the next look is due. */
  #due = Infinity;

  /** @param lastByte - returns the time of the last byte, by `performance.now()`; `null` where silence has no meaning yet. */
  constructor(lastByte: () => number | null) {
    this.#lastByte = lastByte;
    this.#start = performance.now();
  }

  /** The present silence, in milliseconds. */
  get silence(): number {
    const now = performance.now();
    const last = this.#lastByte();
    if (last === null || last !== this.#last) {
      this.#last = last;
      this.#start = last ?? now;
    }
    const late = Math.max(0, now - this.#due);
    return Math.max(0, now - this.#start - late);
  }

  /**
   * Measures the silence. To be called by the timer of {@link wait}.
   *
   * @param limit - silence that is waited for, in milliseconds.
   * @returns the delay until the next look; 0 where the silence has reached the limit.
   */
  look(limit: number): number {
    const left = limit - this.silence;
    const late = Math.max(0, performance.now() - this.#due);
    this.#start += Math.min(late, performance.now() - this.#start);
    this.#due = Infinity;
    // Timers fire before sockets are read: after a standstill, bytes may wait there.
    if (late > LATE) return Math.max(READING, Math.min(left, LOOK));
    // A timer may fire a fraction of a millisecond early.
    return left < 1 ? 0 : Math.ceil(Math.min(left, LOOK));
  }

  /** Records when the next look is due; returns the delay. */
  wait(delay: number): number {
    this.#due = performance.now() + delay;
    return delay;
  }
}

/** Source of silence, and the request that shows what it means. */
export interface SilentStream {
  /** Returns the time of the last byte, by `performance.now()`. */
  readonly lastByte: () => number;
  /** Asks the app whether it lives and is the same. Throws a SessionLostError for another app, and the errors of requests. */
  readonly confirm: () => Promise<void>;
}

/**
 * Returns an event stream that errors when its silence means that the app has ended. Proxies that buffer, tunnels and busy apps hold
 * heartbeats back while the app works. So the app's id is requested after a silence. The stream errors for another id, for an app that
 * cannot be reached, and for one that has not answered for a long time. An answer with the same id starts that time anew.
 */
export function untilSilent<T>(stream$: Observable<T>, silent: SilentStream): Observable<T> {
  return defer(() => {
    const left = new AbortController();
    return stream$.pipe(
      takeUntil(from(watch(silent, left.signal))),
      // Without a reason, each stream would create a DOMException with its stack.
      finalize(() => left.abort(null)),
    );
  });
}

/**
 * Watches a stream until the signal is aborted.
 *
 * @throws the error of a stream that counts as broken; the signal's reason.
 */
async function watch({ lastByte, confirm }: SilentStream, signal: AbortSignal): Promise<never> {
  const clock = new SilenceClock(lastByte);
  const wait = (delay: number): Promise<void> => sleep(clock.wait(delay), signal, startBackgroundTimer);
  /** Silence at the app's last answer. */
  let answered = 0;
  /** Silence after which the app's id is requested. */
  let limit = QUIET;
  for (;;) {
    const next = clock.look(limit);
    const { silence } = clock;
    // Bytes came.
    if (silence < limit - QUIET) [answered, limit] = [0, QUIET];
    if (next > 0) {
      await wait(next);
      continue;
    }
    if (silence - answered >= PATIENCE) throw gaveUp();
    limit += QUIET;
    try {
      await confirm();
      answered = silence;
    } catch (error) {
      const isLost = error instanceof SessionLostError || (error instanceof ConnectionError && error.status !== 504);
      if (isLost && clock.silence >= silence) throw error;
    }
    await wait(LOOK);
  }
}

function gaveUp(): TimeoutError {
  return new TimeoutError(`The app has sent nothing, and has not answered, for ${PATIENCE / 60_000} minutes.`, {
    kind: "idle",
  });
}
