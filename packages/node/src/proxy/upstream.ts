import { Client, type EndpointInfo, GradioError, isRetryable, type SpaceStatus, SpaceError } from "@gradio-rx/core";
import { fetchTransport } from "@gradio-rx/core/platform";
import type { ProxiedApp } from "./options.ts";
import { Refusal } from "./refusal.ts";

/** An app that can receive requests. */
export interface ReadyApp {
  /** URL of the app, with a slash at its end. */
  url: URL;
  endpoints: readonly EndpointInfo[];
  /** Cookies of the proxy's login, as a header; `""` without a login. */
  login: string;
  /** Names of these cookies. */
  loginNames: ReadonlySet<string>;
  /** Address of the app's id, and the id. */
  identity: { url: URL; id: unknown };
}

/** Time after which a browser repeats its request while a Space wakes, in milliseconds. */
const ASK_AGAIN = 2_000;

/** Time after which the app's id is compared again, in milliseconds. */
const COMPARE_AFTER = 5_000;

/** One app behind the proxy. The first request connects to it, which wakes a Space and logs in; after a failure, the next one does. */
export class Upstream {
  readonly name: string;
  readonly settings: ProxiedApp;
  #ready: Promise<ReadyApp> | null = null;
  #space: SpaceStatus | null = null;
  #onSpace: (() => void)[] = [];
  /** Time at which the app was found to be the one that was described. */
  #comparedAt = 0;

  constructor(name: string, settings: ProxiedApp) {
    this.name = name;
    this.settings = settings;
  }

  /** Returns the token for a request; `undefined` for an app without a token. */
  async token(request: Request): Promise<string | undefined> {
    const { token } = this.settings;
    return typeof token === "function" ? await token(request) : token;
  }

  /**
   * Returns the app when it can receive requests.
   *
   * @param isCompared - whether the app must be the one that was described: one that was deployed anew may have other functions at the
   *   same indexes.
   * @throws the refusal of a Space that wakes, or of an app that cannot be reached.
   */
  async ready(request: Request, isCompared = false): Promise<ReadyApp> {
    const app = await this.#find(request);
    if (!isCompared || performance.now() - this.#comparedAt < COMPARE_AFTER) return app;
    if (await this.#isSame(app, request)) return app;
    this.forget();
    return await this.#find(request);
  }

  async #isSame({ identity, login }: ReadyApp, request: Request): Promise<boolean> {
    const token = await this.token(request);
    const headers = new Headers(this.settings.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (login !== "") headers.set("cookie", login);
    const answer = await fetch(identity.url, { headers, redirect: "manual" }).catch(() => null);
    const body: unknown = answer?.ok ? await answer.json().catch(() => null) : null;
    const id: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "app_id") : undefined;
    if (id !== identity.id) return false;
    this.#comparedAt = performance.now();
    return true;
  }

  async #find(request: Request): Promise<ReadyApp> {
    const ready = (this.#ready ??= this.token(request).then((token) => this.#open(token)));
    ready.catch(() => {
      if (this.#ready === ready) this.#ready = null;
    });
    let stopWaiting = (): void => undefined;
    const waking = new Promise<null>((resolve) => {
      stopWaiting = (): void => resolve(null);
      this.#onSpace.push(stopWaiting);
      if (this.#space) stopWaiting();
    });
    try {
      const app = await Promise.race([ready, waking]);
      if (app) return app;
    } catch (error) {
      throw unreachable(error);
    } finally {
      this.#onSpace = this.#onSpace.filter((one) => one !== stopWaiting);
    }
    throw this.#wakingRefusal();
  }

  /** Connects again with the next request, because the app has moved or no longer accepts the proxy's login. */
  forget(): void {
    this.#ready = null;
  }

  /** Creates the refusal of a Space that wakes. */
  #wakingRefusal(): Refusal {
    const space = this.#space;
    return new Refusal(503, space?.message ?? "The Space is waking.", {
      headers: { "retry-after": String(ASK_AGAIN / 1_000) },
      fields: { space },
    });
  }

  async #open(token: string | undefined): Promise<ReadyApp> {
    const { app, auth, headers } = this.settings;
    this.#space = null;
    try {
      const transport = fetchTransport((request) => fetch(request));
      const cookies = new Map<string, string>();
      const keep = async (request: Request): Promise<Response> => {
        if (cookies.size > 0 && !request.headers.has("cookie")) request.headers.set("cookie", headerOf(cookies));
        const answer = await fetch(request);
        for (const line of answer.headers.getSetCookie()) addTo(cookies, line);
        return answer;
      };
      const hubUrl = hubOfEnvironment();
      const client = await Client.connect(app, {
        transport,
        token,
        headers,
        ...(hubUrl === undefined ? {} : { hubUrl }),
        // The login is a cookie, which `fetch` does not store.
        ...(auth === undefined ? {} : { auth, fetch: keep }),
        onSpaceStatus: (status) => this.#onStatus(status),
      });
      const url = new URL(client.app.url);
      const { endpoints, config } = client;
      const prefix = typeof config["api_prefix"] === "string" ? `${config["api_prefix"].replace(/^\//, "")}/` : "";
      const identity = { url: new URL(`${prefix}app_id`, url), id: config["app_id"] };
      await client.close();
      this.#comparedAt = performance.now();
      const loginNames = new Set(auth ? cookies.keys() : []);
      return { url, endpoints, identity, login: headerOf(cookies), loginNames };
    } finally {
      this.#space = null;
    }
  }

  #onStatus(status: SpaceStatus): void {
    this.#space = status.status === "running" ? null : status;
    if (this.#space) for (const stop of this.#onSpace) stop();
  }
}

function addTo(cookies: Map<string, string>, setCookie: string): void {
  const pair = setCookie.split(";")[0]!;
  cookies.set(pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1).trim());
}

function headerOf(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** Returns the Hub's address in the environment, where the platform has an environment. */
function hubOfEnvironment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.["HF_ENDPOINT"] || undefined;
}

/** Creates the refusal for an app that cannot be reached, without the message of the error, which may contain the app's URL. */
function unreachable(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof SpaceError) return new Refusal(502, error.message);
  const code = error instanceof GradioError ? error.code : "unknown";
  const headers: Record<string, string> = isRetryable(error) ? { "retry-after": "5" } : {};
  return new Refusal(502, `The app cannot be reached (${code}).`, { headers });
}
