import { ConnectionError, GradioError, SessionLostError, TimeoutError } from "../errors.ts";
import { fieldsOf } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { settleWithin } from "../timers.ts";
import { ANSWER, CERTAIN, RECENT } from "./timings.ts";

/** Facts about the app that a client is connected to, as its configuration states them. */
export interface KnownApp {
  /** Prefix of every path of its API. */
  prefix: string;
  /** `app_id` of its configuration; any other value than a number is unknown, and never compared. */
  id: unknown;
  /** Whether it expects a heartbeat connection of each session. */
  heartbeat: boolean;
}

/**
 * The running app, by its id (PROTOCOL.md, 1.9): another id means that the app was restarted, perhaps with other functions. The
 * client and its sessions share one, and one request at a time.
 */
export class AppIdentity {
  readonly #http: Http;
  readonly #known: () => KnownApp;
  /** Time at which the app was last known to be the same, by `performance.now()`; `-Infinity` until the app has confirmed its id. */
  #seenAt = performance.now();
  #asking: Promise<boolean> | null = null;

  /** @param known - returns the facts of the configuration that was read last. */
  constructor(http: Http, known: () => KnownApp) {
    this.#http = http;
    this.#known = known;
  }

  /** Whether the app expects a heartbeat connection of each session. */
  get hasHeartbeat(): boolean {
    return this.#known().heartbeat;
  }

  /** Whether the app was the same a few seconds ago, so that its id is not requested. */
  get isCertain(): boolean {
    return performance.now() - this.#seenAt < CERTAIN;
  }

  /** Whether the app was the same in the last minute, and its id is not being requested. */
  get isRecent(): boolean {
    return performance.now() - this.#seenAt < RECENT;
  }

  /** Records that bytes arrived on an open connection, so the app is the same. Without effect while the app is in doubt. */
  seen(now: number): void {
    if (this.#seenAt > -Infinity) this.#seenAt = now;
  }

  /** Records that the app may have restarted, such as when a connection was lost. It has to confirm its id. */
  doubt(): void {
    this.#seenAt = -Infinity;
    this.#asking = null;
  }

  /** Records that the configuration of the running app was read. */
  configured(): void {
    this.#seenAt = performance.now();
  }

  /**
   * Asks the app for its id.
   *
   * @returns whether the app is the same; `true` where the response does not say so.
   * @throws ConnectionError where the app cannot be reached; TimeoutError where it does not answer.
   */
  isSame(): Promise<boolean> {
    if (this.#asking) return this.#asking;
    const now = performance.now();
    this.doubt();
    const asking = this.#ask()
      .then((isSame) => {
        // A doubt that came meanwhile remains.
        if (isSame && this.#asking === asking) this.#seenAt = now;
        return isSame;
      })
      .finally(() => {
        if (this.#asking === asking) this.#asking = null;
      });
    return (this.#asking = asking);
  }

  /** Throws a SessionLostError for an app that is another one. */
  async confirm(): Promise<void> {
    if (!(await this.isSame())) throw new SessionLostError("The app was restarted, and its calls are lost.");
  }

  async #ask(): Promise<boolean> {
    const { prefix, id } = this.#known();
    const found = await this.#readId(prefix);
    return typeof found !== "number" || typeof id !== "number" || found === id;
  }

  /** Reads the id of the app; returns `undefined` where the answer is something else. */
  async #readId(prefix: string): Promise<unknown> {
    const { closed } = this.#http.settings;
    const timeoutError = (): Error =>
      new TimeoutError(`The app has not answered within ${ANSWER} ms.`, { kind: "request" });
    try {
      const answer = await settleWithin(this.#http.send({ path: `${prefix}app_id` }), {
        signal: closed,
        timeout: ANSWER,
        timeoutError,
      });
      return fieldsOf(answer.body)["app_id"];
    } catch (error) {
      if (isAlive(error)) return undefined;
      throw error;
    }
  }
}

/** Whether the error is an answer of the app. For an app that does not run, gateways answer. */
function isAlive(error: unknown): boolean {
  if (!(error instanceof GradioError) || error instanceof TimeoutError) return false;
  return !(error instanceof ConnectionError) || ![undefined, 502, 503, 504].includes(error.status);
}
