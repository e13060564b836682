import {
  AuthenticationError,
  ConnectionError,
  ProtocolError,
  RateLimitError,
  SpaceError,
  TimeoutError,
} from "../errors.ts";
import type { SpaceStatus } from "../options.ts";
import { LONGEST_DELAY, sleep } from "../timers.ts";
import { cannotRun, type SpaceRecord, statusOf, tooSlow } from "./space.ts";

/** Options of waiting for a Space. */
export interface WakeOptions {
  /** Asks the Hub once for the state of the Space. */
  look: (signal: AbortSignal) => Promise<SpaceRecord>;
  /** Maximum wait in milliseconds, from the first time that the Space was not running. */
  timeout: number;
  signal: AbortSignal | undefined;
  /** Called with each change. */
  onStatus: ((status: SpaceStatus) => void) | undefined;
}

/**
 * Pauses between two polls, in milliseconds: each is half as long again as the one before, up to the last. Each poll sends at
 * most one request to the Hub and one to the app, which makes fewer than 40 in the first minute.
 */
const PAUSE = { first: 500, last: 5_000 };
/** Number of failed attempts that are allowed while the Hub reports a running Space: before and after the Space was waking. */
const EXTRA_ATTEMPTS = { running: 2, woken: 10 };
/** Number of polls after which a request is sent to the app of a sleeping Space. Only such a request wakes the Space. */
const POLLS_PER_REQUEST = 3;

/**
 * Waits until the app of a Space can be loaded, as long as the Hub reports that the Space sleeps, builds or starts.
 *
 * @param failure - error of the first attempt, which has woken a sleeping Space.
 * @param attempt - loads the app once.
 * @throws the failure, where the state of the Space does not explain it; SpaceError where the Space cannot run or does not
 *   start in time; AuthenticationError where the caller may not read the Space; the signal's reason.
 */
export async function untilAwake<T>(
  failure: unknown,
  attempt: (signal: AbortSignal) => Promise<T>,
  options: WakeOptions,
): Promise<T> {
  const waiting = new Waiting(options);
  try {
    for (let last = failure; ;) {
      if (!isUnready(last)) throw last;
      await waiting.untilNextAttempt(last);
      const outcome = await waiting.tryToLoad(attempt);
      if ("value" in outcome) return outcome.value;
      last = outcome.error;
    }
  } finally {
    waiting.end();
  }
}

/**
 * Returns the error that explains a failed call: a SpaceError where the Space no longer runs, else the failure itself, also
 * where the Hub cannot be reached.
 */
export async function diagnoseSpace(failure: unknown, look: () => Promise<SpaceRecord>): Promise<unknown> {
  try {
    const record = await look();
    const { stage } = record;
    if (stage === null) return failure;
    const { status, message } = statusOf({ ...record, stage });
    if (status === "running") return failure;
    if (status === "paused" || status === "failed") return cannotRun(record, failure);
    return new SpaceError(`${message} Connect again: connect waits until it runs.`, { stage, cause: failure });
  } catch {
    return failure;
  }
}

/** State of one wait. */
class Waiting {
  readonly #options: WakeOptions;
  readonly #limit = new AbortController();
  /** Ends requests and pauses: the caller's signal or the time limit. */
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = PAUSE.first;
  #attemptsLeft = EXTRA_ATTEMPTS.running;
  /** Number of polls in which the Space was asleep. */
  #asleep = 0;
  /** Latest record in which the Space was not running. */
  #seen: SpaceRecord | null = null;
  /** Whether the app was tried at once when the Space began to run. A Space that restarts again is not tried at once. */
  #triedRunning = false;
  #reported: string | null = null;

  constructor(options: WakeOptions) {
    this.#options = options;
    const { signal } = options;
    this.#signal = signal ? AbortSignal.any([signal, this.#limit.signal]) : this.#limit.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** Tries to load the app. */
  async tryToLoad<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    try {
      return { value: await attempt(this.#signal) };
    } catch (error) {
      this.#throwIfOver(error);
      return { error };
    }
  }

  /** Polls the Hub until the app should be tried again. */
  async untilNextAttempt(failure: unknown): Promise<void> {
    this.#respectRateLimit(failure);
    for (let tried = true; ; tried = false) {
      const record = await this.#poll();
      const status = record && statusOf(record);
      const absent = status !== null && status.status !== "running";
      // "running" is reported only after another status.
      if (status && (absent || this.#seen)) this.#report(status);
      if (record && (status?.status === "paused" || status?.status === "failed")) throw cannotRun(record, failure);
      if (record && absent) this.#keepWaiting(record);
      else if (record && !tried && !this.#triedRunning) {
        this.#triedRunning = true;
        return;
      } else if ((record || !this.#seen) && this.#attemptsLeft-- <= 0) throw failure;
      await this.#rest(failure);
      if (!absent || (status.status === "sleeping" && ++this.#asleep % POLLS_PER_REQUEST === 0)) return;
    }
  }

  /** Returns the record of the Hub; `null` where the Hub fails or gives no stage. The app may run even then. */
  async #poll(): Promise<({ stage: string } & SpaceRecord) | null> {
    try {
      const record = await this.#options.look(this.#signal);
      const { stage } = record;
      return stage === null ? null : { ...record, stage };
    } catch (error) {
      this.#throwIfOver(error);
      if (error instanceof AuthenticationError) throw error;
      this.#respectRateLimit(error);
      return null;
    }
  }

  /** Extends the pause to the delay of a rate limit. */
  #respectRateLimit(error: unknown): void {
    if (error instanceof RateLimitError) this.#pause = Math.max(this.#pause, error.retryAfter ?? 0);
  }

  #keepWaiting(record: SpaceRecord): void {
    const { timeout } = this.#options;
    if (!this.#seen && timeout <= LONGEST_DELAY) this.#timer = setTimeout(() => this.#limit.abort(), timeout);
    this.#seen = record;
    this.#attemptsLeft = EXTRA_ATTEMPTS.woken;
  }

  async #rest(failure: unknown): Promise<void> {
    const pause = this.#pause;
    this.#pause = Math.min(PAUSE.last, Math.max(PAUSE.first, pause) * 1.5);
    // An abort is handled below, with the failure.
    await sleep(pause, this.#signal).catch(() => undefined);
    this.#throwIfOver(failure);
  }

  #throwIfOver(cause: unknown): void {
    const { signal, timeout } = this.#options;
    signal?.throwIfAborted();
    if (this.#limit.signal.aborted && this.#seen) throw tooSlow(this.#seen, timeout, cause);
  }

  #report(status: SpaceStatus): void {
    if (status.stage === this.#reported) return;
    this.#reported = status.stage;
    this.#options.onStatus?.(status);
  }
}

/** Whether an error may come from a Space that does not run yet. */
function isUnready(error: unknown): boolean {
  return (
    error instanceof ProtocolError ||
    error instanceof ConnectionError ||
    error instanceof RateLimitError ||
    (error instanceof TimeoutError && error.kind === "request")
  );
}
