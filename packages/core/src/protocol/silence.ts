import { defer, finalize, type Observable, Subject, takeUntil } from "rxjs";
import { ConnectionError, SessionLostError, TimeoutError } from "../errors.ts";
import { startBackgroundTimer } from "../timers.ts";
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
   * Looks at the silence. To be called by the timer of {@link wait}.
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
 * The messages of an event stream. Errors when silence turns out to be the end of the app. Proxies that buffer, tunnels and busy apps hold
 * heartbeats back while the app works, so the app is asked beside the stream. An answer resets the patience; another app, or one that
 * cannot be reached, ends the stream; an app that does not answer is asked again, until the patience is over.
 */
export function untilSilent<T>(stream$: Observable<T>, silent: SilentStream): Observable<T> {
  return defer(() => {
    const watch = new SilenceWatch(silent);
    return stream$.pipe(
      takeUntil(watch.end$),
      finalize(() => watch.close()),
    );
  });
}

/** Watches one stream, from its construction until it is closed. */
class SilenceWatch {
  /** Errors when the stream counts as broken. */
  readonly end$: Subject<never> = new Subject<never>();
  readonly #confirm: SilentStream["confirm"];
  readonly #clock: SilenceClock;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Silence at the app's last answer. */
  #answered = 0;
  /** Silence after which the app is asked. */
  #limit = QUIET;

  constructor({ lastByte, confirm }: SilentStream) {
    this.#confirm = confirm;
    this.#clock = new SilenceClock(lastByte);
    this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.end$.unsubscribe();
  }

  #look(): void {
    const next = this.#clock.look(this.#limit);
    const { silence } = this.#clock;
    // Bytes came.
    if (silence < this.#limit - QUIET) {
      this.#answered = 0;
      this.#limit = QUIET;
    }
    if (next > 0) this.#arm(next);
    else if (silence - this.#answered >= PATIENCE) this.end$.error(gaveUp());
    else {
      this.#limit += QUIET;
      void this.#ask(silence).then(() => this.#arm(LOOK));
    }
  }

  #arm(delay: number): void {
    if (!this.end$.closed) this.#timer = startBackgroundTimer(() => this.#look(), this.#clock.wait(delay));
  }

  async #ask(silence: number): Promise<void> {
    try {
      await this.#confirm();
      this.#answered = silence;
    } catch (error) {
      const isLost = error instanceof SessionLostError || (error instanceof ConnectionError && error.status !== 504);
      if (isLost && !this.end$.closed && this.#clock.silence >= silence) this.end$.error(error);
    }
  }
}

function gaveUp(): TimeoutError {
  return new TimeoutError(`The app has sent nothing, and has not answered, for ${PATIENCE / 60_000} minutes.`, {
    kind: "idle",
  });
}
