import { ConnectionError, SessionLostError } from "../errors.ts";
import { AppIdentity, type KnownApp } from "../protocol/app-identity.ts";
import type { Http } from "../http/request.ts";
import type { App } from "./app.ts";

/** The app as one session sees it. */
export interface SessionApp {
  /** The app with the parts that functions have rendered in the session. */
  app: App;
  /** The app at the beginning of the session. */
  initialApp: App;
}

/**
 * The app that runs at an address now. The sessions of one client share it: when one of them notices a redeploy, the others take over
 * the new description with their next calls.
 */
export class CurrentApp {
  readonly identity: AppIdentity;
  #app: App;
  readonly #load: () => Promise<App>;
  #refreshing: Promise<void> | null = null;

  /** @param load - reads configuration and description. */
  constructor(app: App, http: Http, load: () => Promise<App>) {
    this.#app = app;
    this.#load = load;
    this.identity = new AppIdentity(http, () => knownApp(this.#app));
  }

  get app(): App {
    return this.#app;
  }

  /** Whether the session has the description of the app that certainly runs now. */
  isCertain({ initialApp }: SessionApp): boolean {
    return this.identity.isCertain && initialApp === this.#app;
  }

  /** Whether the session has the description of the app that ran in the last minute. */
  isRecent({ initialApp }: SessionApp): boolean {
    return this.identity.isRecent && initialApp === this.#app;
  }

  /**
   * Confirms that the session has the description of the app that runs now, and replaces it where it does not.
   *
   * @throws the errors of {@link refresh}; those of the connection have `accepted: false`, as nothing of a call was sent.
   */
  async confirm(session: SessionApp): Promise<void> {
    try {
      if (this.#refreshing) await this.refresh();
      if (!this.identity.isCertain && !(await this.identity.isSame())) await this.refresh();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const { message, status, cause } = error;
      throw new ConnectionError(message, { accepted: false, status, cause });
    }
    this.adopt(session);
  }

  /** Replaces the description of a session by the present one, where it is another one. */
  adopt(session: SessionApp): void {
    if (session.initialApp !== this.#app) session.app = session.initialApp = this.#app;
  }

  /**
   * Reads configuration and description anew.
   *
   * @throws SessionLostError for an app that is called in another way; the errors of reading them.
   */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const fresh = await this.#load();
    if (wireOf(fresh) !== wireOf(this.#app))
      throw new SessionLostError(
        `The app was replaced by one that is called in another way (Gradio ${fresh.config.version}). Connect to it again.`,
      );
    this.#app = fresh;
    this.identity.configured();
  }
}

/** Facts about the app that its sessions use, and that a redeploy can change. */
function knownApp({ config }: App): KnownApp {
  return { prefix: config.prefix, id: config.raw["app_id"], heartbeat: config.heartbeat };
}

/** Everything that decides how the app is called. */
function wireOf({ config: { protocol, prefix }, traits }: App): string {
  return JSON.stringify([protocol, prefix, traits]);
}
