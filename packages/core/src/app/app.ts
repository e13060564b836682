import { GradioError, ProtocolError } from "../errors.ts";
import type { Http } from "../http/request.ts";
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
}

/**
 * Reads an app's configuration and its description: two requests (PROTOCOL.md, 1.2 and 1.4).
 *
 * @param at - sends requests to an address; the address may turn out to be another path of the same origin.
 * @throws ProtocolError where there is no Gradio app.
 */
export async function findApp(base: URL, at: (base: URL) => Http, options: FindOptions): Promise<App> {
  const { signal, repeat = true } = options;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query)) if (value !== undefined) query.set(name, value);
  const answer = await at(base).send({
    path: query.size > 0 ? `config?${query}` : "config",
    signal,
    repeat,
    refusal: ({ status, body }) => (status === 404 ? absent(base, status, body) : undefined),
  });
  const config = parseConfig(answer);
  const settled = moved(base, answer.url);
  const description = await describe(at(settled), config, signal);
  return { base: settled, config, endpoints: describeEndpoints(config, description), description };
}

/** The app after a function of it has rendered, as the session sees it that the function ran in. */
export function rendered(app: App, config: unknown): App {
  const made = withRendered(app.config, config);
  return { ...app, config: made, endpoints: describeEndpoints(made, app.description) };
}

/** A mounted app without its last slash, and some proxies, redirect; what stays on the origin is followed. */
function moved(base: URL, answered: string): URL {
  const url = new URL(answered);
  if (url.origin !== base.origin)
    throw new ProtocolError(
      `The address of the app leads to another host: ${url.origin}. Connect to that one if you trust it.`,
    );
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/config\/?$/, "");
  return url;
}

/** An app whose description fails can be called all the same, by position. */
async function describe(http: Http, config: AppConfig, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    const answer = await http.send({ path: `${config.prefix}info?all_endpoints=true`, signal, repeat: true });
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
