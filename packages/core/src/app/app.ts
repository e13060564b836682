import { GradioError, ProtocolError } from "../errors.ts";
import type { Answer, Http } from "../http/request.ts";
import { appAddress } from "./address.ts";
import { type AppConfig, parseConfig } from "./config.ts";
import { describeEndpoints, type Endpoint } from "./endpoints.ts";
import { withRendered } from "./render.ts";

/** An app that was found: where it is, what it is, and what can be called. */
export interface App {
  /** Its address, with a slash at its end: every request goes there, whatever the app announces. */
  base: URL;
  config: AppConfig;
  endpoints: readonly Endpoint[];
  /** What the app says of its endpoints, as it came; `null` where it says nothing. */
  description: unknown;
}

/** How an app is looked for. */
export interface FindOptions {
  /** Narrows the configuration: one page, a saved state. */
  query: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal | undefined;
  /** Whether the request for the configuration may be sent again when it fails. Default `true`. */
  repeat?: boolean;
  /** Whether the description is asked for before the configuration has come. Default `true`. */
  ahead?: boolean;
}

/** What stands before the paths of the API of an app of Gradio 5 and newer. */
const USUAL_PREFIX = "gradio_api/";

/**
 * Reads an app's configuration and its description: two requests (PROTOCOL.md, 1.2 and 1.4).
 *
 * @param at - sends requests to an address; the address may turn out to be another path of the same origin.
 * @throws ProtocolError where there is no Gradio app.
 */
export async function findApp(base: URL, at: (base: URL) => Http, options: FindOptions): Promise<App> {
  const { signal, ahead = true } = options;
  const reading = readConfig(base, at(base), options);
  const enough = new AbortController();
  // The description is asked for where nearly every app has it, while its configuration is still on its way.
  const ended = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const guess = ahead ? describe(at(base), USUAL_PREFIX, ended) : null;
  // Where it was a wrong guess, what became of it does not matter.
  guess?.catch(() => undefined);
  try {
    const { config, address } = await reading;
    const settled = moved(base, address);
    const fits = settled.href === base.href && config.prefix === USUAL_PREFIX;
    const description = await ((fits && guess) || describe(at(settled), config.prefix, signal));
    return { base: settled, config, endpoints: describeEndpoints(config, description), description };
  } finally {
    enough.abort();
  }
}

/** The configuration, and the address that gave it. Apps of early Gradio 3 have it in their page alone. */
async function readConfig(
  base: URL,
  http: Http,
  { query: given, signal, repeat = true }: FindOptions,
): Promise<{ config: AppConfig; address: string }> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  try {
    const answer = await http.send({
      path: query.size > 0 ? `config?${query}` : "config",
      signal,
      idempotent: repeat,
      toError: ({ status, body }) => (status === 404 ? absent(base, status, body) : undefined),
    });
    return { config: await read(answer), address: answer.url };
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.status !== 404) throw error;
    const { readPage } = await import("./gradio3.ts");
    const page = await readPage(http, { signal, idempotent: repeat });
    if (!page) throw error;
    return { config: await read(page), address: page.url };
  }
}

/** Reads a configuration. What an app of Gradio 3 leaves unsaid is loaded for it alone. */
async function read(answer: Answer): Promise<AppConfig> {
  const config = parseConfig(answer);
  return config.protocol === "ws" ? parseConfig(answer, await import("./gradio3.ts")) : config;
}

/** The app after a function of it has rendered, as the session sees it that the function ran in. */
export function rendered(app: App, config: unknown): App {
  const made = withRendered(app.config, config);
  return { ...app, config: made, endpoints: describeEndpoints(made, app.description) };
}

/** A mounted app without its last slash, and some proxies, redirect; what stays on the origin is followed. */
function moved(base: URL, answered: string): URL {
  const url = appAddress(answered);
  if (url.origin !== base.origin)
    throw new ProtocolError(
      `The address of the app leads to another host: ${url.origin}. Connect to that one if you trust it.`,
    );
  url.pathname = url.pathname.replace(/config\/$/, "");
  return url;
}

/** An app whose description fails can be called all the same, by position. */
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
  return new ProtocolError(`There is ${found} at ${base.href}: it has no configuration (${status}).`, { status });
}
