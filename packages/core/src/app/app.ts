import { ConnectionError, GradioError, ProtocolError, SessionLostError } from "../errors.ts";
import { requestGeneration } from "../generations/choose.ts";
import type { Generation } from "../generations/generation.ts";
import type { Http } from "../http/request.ts";
import { AppIdentity, type KnownApp } from "../protocol/app-identity.ts";
import { withRendered } from "./config.ts";
import { describeEndpoints, type Endpoint } from "./endpoints.ts";
import { appAddress } from "./reference.ts";

/** An app: its address, configuration and endpoints. */
export interface App extends Generation {
  /** Address of the app, with a slash at its end. All requests are sent there, not to the address that the app announces. */
  base: URL;
  endpoints: readonly Endpoint[];
  /** Description of the endpoints as the app sent it; `null` where it has none. */
  description: unknown;
}

/** Options of {@link findApp}. */
export interface FindOptions {
  /** Query of the configuration: one page, a saved state. */
  query: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal | undefined;
  /** Whether a failed request for the configuration is retried. Default `true`. */
  repeat?: boolean;
  /** Whether the description is requested together with the configuration. Default `true`. */
  ahead?: boolean;
}

/** Prefix of the API of Gradio 5 and newer. */
const USUAL_PREFIX = "gradio_api/";

/**
 * Reads the configuration and the description of an app, in two requests (PROTOCOL.md, 1.2 and 1.4).
 *
 * @param at - makes the HTTP client of an address. A redirect may lead to another path of the same origin.
 * @throws ProtocolError where there is no Gradio app.
 */
export async function findApp(base: URL, at: (base: URL) => Http, options: FindOptions): Promise<App> {
  const { signal, ahead = true } = options;
  const reading = readConfig(base, at(base), options);
  const enough = new AbortController();
  // The description is requested at its usual path while the configuration is still on its way.
  const ended = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const guess = ahead ? describe(at(base), USUAL_PREFIX, ended) : null;
  // Its outcome does not matter where the path was wrong.
  guess?.catch(() => undefined);
  try {
    const { generation, address } = await reading;
    const { config } = generation;
    const settled = moved(base, address);
    const fits = settled.href === base.href && config.prefix === USUAL_PREFIX;
    const description = await ((fits && guess) || describe(at(settled), config.prefix, signal));
    return { ...generation, base: settled, endpoints: describeEndpoints(config, description), description };
  } finally {
    enough.abort();
  }
}

/** Requests the configuration, and chooses the app's generation of the wire. */
async function readConfig(
  base: URL,
  http: Http,
  { query: given, signal, repeat = true }: FindOptions,
): Promise<{ generation: Generation; address: string }> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  return await requestGeneration(http, {
    path: query.size > 0 ? `config?${query}` : "config",
    signal,
    idempotent: repeat,
    toError: ({ status, body }) => (status === 404 ? absent(base, status, body) : undefined),
  });
}

/** Returns the app after a function has rendered, as the session of that call sees it. */
export function rendered(app: App, config: unknown): App {
  const made = withRendered(app.config, config);
  return { ...app, config: made, endpoints: describeEndpoints(made, app.description) };
}

/** Returns the address after redirects, as of a mounted app without its last slash. They must stay within the origin. */
function moved(base: URL, answered: string): URL {
  const url = appAddress(answered);
  if (url.origin !== base.origin)
    throw new ProtocolError(
      `The address of the app redirects to another origin, ${url.origin}. Connect to that address if you trust it.`,
    );
  url.pathname = url.pathname.replace(/config\/$/, "");
  return url;
}

/** Reads the description; returns `null` where it fails, as the app can be called by position without it. */
async function describe(http: Http, prefix: string, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    const answer = await http.send({ path: `${prefix}info?all_endpoints=true`, signal, idempotent: true });
    return answer.body;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GradioError && error.status !== undefined && error.status !== 401) return null;
    throw error;
  }
}

function absent(base: URL, status: number, body: unknown): ProtocolError {
  const html = typeof body === "string" && body.includes("<");
  const found = html ? "a web page, but no Gradio app" : "no Gradio app";
  return new ProtocolError(`There is ${found} at ${base.href}: /config answered ${status}.`, { status });
}

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
