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
import type { SpaceRecord } from "./space.ts";
import { cannotRun, statusOf, tooSlow } from "./stages.ts";

/** How a Space is waited for. */
export interface WakeOptions {
  /** Asks the Hub once how the Space does. */
  look: (signal: AbortSignal) => Promise<SpaceRecord>;
  /** Most milliseconds of waiting, from when the Space was first seen not to run. */
  patience: number;
  signal: AbortSignal | undefined;
  /** Told of each change. */
  onStatus: ((status: SpaceStatus) => void) | undefined;
}

/**
 * Pauses between two looks, in milliseconds: they grow from the first by half each time, up to the last. With at most one
 * request to the Hub and one to the app in each turn, the first minute sees less than 40.
 */
const PAUSE = { first: 500, last: 5_000 };
/** Attempts that fail while the Hub says that the Space runs: at once, and after it was seen to wake. */
const SPARE = { running: 2, woken: 10 };
/** Of so many looks at a Space that stays asleep one is followed by another request to the app: only that wakes it. */
const KNOCK_EACH = 3;

/**
 * Waits for a Space whose app was not there, until it is: where the Hub says that the Space sleeps, or is on its way.
 *
 * @param failure - how the first attempt failed; it has woken a Space that slept.
 * @param attempt - sends one request to the app; resolves when the app answers as one.
 * @throws the failure, where that has nothing to do with the Space; SpaceError for one that will not come, or not in time;
 *   AuthenticationError for one that the caller may not see; the signal's reason.
 */
export async function untilAwake<T>(
  failure: unknown,
  attempt: (signal: AbortSignal) => Promise<T>,
  options: WakeOptions,
): Promise<T> {
  const wait = new Wait(options);
  try {
    for (let last = failure; ;) {
      if (!isUnready(last)) throw last;
      await wait.untilWorthATry(last);
      const outcome = await wait.tryOut(attempt);
      if ("value" in outcome) return outcome.value;
      last = outcome.error;
    }
  } finally {
    wait.end();
  }
}

/**
 * What is behind a call that failed: the Space that does not run any more, where that is so; else the failure itself, also
 * where the Hub cannot be asked.
 */
export async function behind(failure: unknown, look: () => Promise<SpaceRecord>): Promise<unknown> {
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

/** One waiting: what was seen of the Space so far. */
class Wait {
  readonly #options: WakeOptions;
  readonly #limit = new AbortController();
  /** What ends requests and pauses: the caller's signal, and the end of patience. */
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = PAUSE.first;
  #spare = SPARE.running;
  /** Looks at a Space that was asleep. */
  #asleep = 0;
  /** The last that the Hub said while the Space was not running. */
  #seen: SpaceRecord | null = null;
  /** Whether it was tried at once when it came up: one that comes and goes is not. */
  #cameUp = false;
  #told: string | null = null;

  constructor(options: WakeOptions) {
    this.#options = options;
    const { signal } = options;
    this.#signal = signal ? AbortSignal.any([signal, this.#limit.signal]) : this.#limit.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** Tries the app. */
  async tryOut<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    try {
      return { value: await attempt(this.#signal) };
    } catch (error) {
      this.#throwIfOver(error);
      return { error };
    }
  }

  /** Asks the Hub, again and again, until the app should be tried again. */
  async untilWorthATry(failure: unknown): Promise<void> {
    this.#heed(failure);
    for (let tried = true; ; tried = false) {
      const record = await this.#look();
      const status = record && statusOf(record);
      const absent = status !== null && status.status !== "running";
      // A Space that answers at once is not told of; one that was waited for is, when it runs.
      if (status && (absent || this.#seen)) this.#tell(status);
      if (record && (status?.status === "paused" || status?.status === "failed")) throw cannotRun(record, failure);
      if (record && absent) this.#keepWaiting(record);
      else if (record && !tried && !this.#cameUp) {
        this.#cameUp = true;
        return;
      } else if ((record || !this.#seen) && this.#spare-- <= 0) throw failure;
      await this.#rest(failure);
      if (!absent || (status.status === "sleeping" && ++this.#asleep % KNOCK_EACH === 0)) return;
    }
  }

  /** What the Hub says; `null` where it says nothing, which is no reason to give up an app that may well answer. */
  async #look(): Promise<({ stage: string } & SpaceRecord) | null> {
    try {
      const record = await this.#options.look(this.#signal);
      const { stage } = record;
      return stage === null ? null : { ...record, stage };
    } catch (error) {
      this.#throwIfOver(error);
      if (error instanceof AuthenticationError) throw error;
      this.#heed(error);
      return null;
    }
  }

  /** Who says that it has enough of requests is left alone for as long as it asks for. */
  #heed(error: unknown): void {
    if (error instanceof RateLimitError) this.#pause = Math.max(this.#pause, error.retryAfter ?? 0);
  }

  #keepWaiting(record: SpaceRecord): void {
    const { patience } = this.#options;
    if (!this.#seen && patience <= LONGEST_DELAY) this.#timer = setTimeout(() => this.#limit.abort(), patience);
    this.#seen = record;
    this.#spare = SPARE.woken;
  }

  async #rest(failure: unknown): Promise<void> {
    const pause = this.#pause;
    this.#pause = Math.min(PAUSE.last, Math.max(PAUSE.first, pause) * 1.5);
    await sleep(pause, this.#signal).catch(() => undefined);
    this.#throwIfOver(failure);
  }

  #throwIfOver(cause: unknown): void {
    const { signal, patience } = this.#options;
    signal?.throwIfAborted();
    if (this.#limit.signal.aborted && this.#seen) throw tooSlow(this.#seen, patience, cause);
  }

  #tell(status: SpaceStatus): void {
    if (status.stage === this.#told) return;
    this.#told = status.stage;
    this.#options.onStatus?.(status);
  }
}

/** Whether an app that failed so may be one that is not there yet. */
function isUnready(error: unknown): boolean {
  return (
    error instanceof ProtocolError ||
    error instanceof ConnectionError ||
    error instanceof RateLimitError ||
    (error instanceof TimeoutError && error.kind === "request")
  );
}
