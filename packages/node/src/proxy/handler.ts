import { AppCookies } from "./cookies.ts";
import { checkLength, counted, readJson } from "./body.ts";
import { checkPath, endpointOf } from "./endpoint.ts";
import { forApp, forBrowser, safeHeaders } from "./headers.ts";
import { type GradioProxyOptions, type ProxySettings, readOptions } from "./options.ts";
import { checkOrigin } from "./origin.ts";
import { Refusal } from "./refusal.ts";
import { type Route, routeOf } from "./route.ts";
import { type ReadyApp, Upstream } from "./upstream.ts";

/** Handles a request on a server. Uses web standards only. */
export type RequestHandler = (request: Request) => Promise<Response>;

/** Maximum number of redirects of one request. */
const MAX_REDIRECTS = 5;

/**
 * Creates a handler that forwards requests of browsers to Gradio apps, with a token that browsers never receive. Only the listed apps,
 * the routes of the SDK and, where given, the listed endpoints can be reached, and only by pages of the site itself.
 *
 * In the page: `Client.connect("owner/name", { proxy: "/api/gradio" })`.
 *
 * @throws InputError for an option that does not exist or has an invalid value.
 *
 * @example
 * ```ts
 * // Next: app/api/gradio/[...path]/route.ts
 * const handler = gradioProxy({ apps: ["owner/name"], token: process.env.HF_TOKEN });
 * export { handler as GET, handler as POST };
 * ```
 */
export function gradioProxy(options: GradioProxyOptions): RequestHandler {
  const settings = readOptions(options);
  const upstreams = new Map([...settings.apps].map(([name, app]) => [name, new Upstream(name, app)]));
  return async (request) => {
    let cors: string | null = null;
    let answer: Response;
    try {
      cors = checkOrigin(request, settings.origins);
      answer = request.method === "OPTIONS" ? preflight(cors, settings) : await pass(request, settings, upstreams);
    } catch (error) {
      answer = answerOf(error);
    }
    return withHeaders(answer, cors, settings);
  };
}

function answerOf(error: unknown): Response {
  if (error instanceof Verdict) return error.answer;
  return (error instanceof Refusal ? error : new Refusal(502, "The app did not answer.")).response();
}

async function pass(
  request: Request,
  settings: ProxySettings,
  upstreams: ReadonlyMap<string, Upstream>,
): Promise<Response> {
  const { upstream, path, query } = locate(new URL(request.url), settings, upstreams);
  const route = routeOf(request.method, path);
  checkPath(route, upstream.settings.endpoints);
  // A call may name its endpoint by an index, which only the app's description explains. All other requests are authorized before any request
  // is sent to the app.
  if (route.kind !== "call") await authorize(request, settings, upstream, route.endpoint);
  const limit = route.kind === "upload" ? settings.limits.upload : settings.limits.body;
  await checkLength(request, limit);
  const isJson = route.kind !== "read" && route.kind !== "upload";
  const body = isJson ? await readJson(request, limit) : undefined;
  const allowed = upstream.settings.endpoints;
  const app = await upstream.ready(request, route.kind === "call" && allowed !== undefined);
  if (route.kind === "call") await authorize(request, settings, upstream, endpointOf(route, body, app, allowed));
  const url = new URL(route.path + query, app.url);
  if (!isUnder(url, app.url)) throw new Refusal(403, "The path leads to a URL outside of the app.");
  return await forward(request, { url, route, app, upstream, settings, body, limit });
}

/** Calls the option `authorize`. Throws where it rejects the request. */
async function authorize(
  request: Request,
  settings: ProxySettings,
  upstream: Upstream,
  endpoint: string | null,
): Promise<void> {
  const verdict = (await settings.authorize?.(request, { app: upstream.name, endpoint })) ?? true;
  if (verdict instanceof Response) throw new Verdict(verdict);
  if (!verdict) throw new Refusal(403, "This request is not authorized.");
}

/** The response that the option `authorize` returned for a rejected request. */
class Verdict extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super("The site has answered the request itself.");
    this.answer = answer;
  }
}

/** Returns the app that a path names, and the path under the app. */
function locate(
  url: URL,
  { path }: ProxySettings,
  upstreams: ReadonlyMap<string, Upstream>,
): { upstream: Upstream; path: string; query: string } {
  const rest = url.pathname.startsWith(`${path}/`) ? url.pathname.slice(path.length + 1) : "";
  for (const [name, upstream] of upstreams)
    if (rest.startsWith(`${name}/`)) {
      url.searchParams.delete("__sign");
      return { upstream, path: rest.slice(name.length + 1), query: url.search };
    }
  throw new Refusal(403, "The proxy does not allow requests to this app.");
}

/** A request that is allowed, with everything that forwarding it needs. */
interface Passage {
  url: URL;
  route: Route;
  app: ReadyApp;
  upstream: Upstream;
  settings: ProxySettings;
  /** The parsed body of a call. */
  body: unknown;
  limit: number;
}

async function forward(request: Request, passage: Passage): Promise<Response> {
  const { upstream, app, settings } = passage;
  const cookies = new AppCookies(upstream.name, `${settings.path}/${upstream.name}/`);
  const headers = forApp(request, settings.forward);
  for (const [name, value] of Object.entries(upstream.settings.headers ?? {})) headers.set(name, value);
  const token = await upstream.token(request);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const cookie = [app.login, cookies.forApp(request.headers.get("cookie"))].filter((part) => part !== "").join("; ");
  if (cookie !== "") headers.set("cookie", cookie);
  // When the browser disconnects, the request to the app is aborted.
  const leave = new AbortController();
  request.signal.addEventListener("abort", () => leave.abort(), { once: true });
  if (request.signal.aborted) leave.abort();
  const answer = await send(request, passage, headers, leave).catch((error: unknown) => {
    if (!leave.signal.aborted) upstream.forget();
    throw error;
  });
  // The login has ended, or the app sleeps, has moved or restarts.
  if ((answer.status === 401 && app.login !== "") || [502, 503, 504].includes(answer.status)) upstream.forget();
  const isSecure = new URL(request.url).protocol === "https:";
  const passed = new Response(untilLeft(answer.body, leave), { status: answer.status, headers: forBrowser(answer) });
  for (const line of answer.headers.getSetCookie()) {
    const own = cookies.forBrowser(line, app.loginNames, isSecure);
    if (own !== null) passed.headers.append("set-cookie", own);
  }
  return passed;
}

/** Sends the request to the app, and follows redirects within it. */
async function send(request: Request, passage: Passage, headers: Headers, leave: AbortController): Promise<Response> {
  const { route, body, limit, app } = passage;
  let refusal: Refusal | null = null;
  const stream =
    route.kind === "upload" && request.body ? counted(request.body, limit, (found) => (refusal = found)) : undefined;
  const text = body === undefined ? undefined : JSON.stringify(body);
  let { url } = passage;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const init = { method: request.method, headers, redirect: "manual", signal: leave.signal } as const;
    // `fetch` requires `duplex` for a stream.
    const content = stream ? { body: stream, duplex: "half" } : text === undefined ? {} : { body: text };
    const answer = await fetch(url, { ...init, ...content }).catch((error: unknown) => {
      throw refusal ?? error;
    });
    if (answer.status < 300 || answer.status > 399 || answer.status === 304) return answer;
    await answer.body?.cancel();
    const target = answer.headers.get("location");
    const canRepeat = !stream && (request.method !== "POST" || answer.status === 307 || answer.status === 308);
    if (target === null || !canRepeat) break;
    url = new URL(target, url);
    if (!isUnder(url, app.url)) break;
  }
  throw new Refusal(502, "The app redirects to a URL outside of the app.");
}

function isUnder(url: URL, base: URL): boolean {
  return url.origin === base.origin && url.pathname.startsWith(base.pathname);
}

/** Returns the body of an answer. When its reader disconnects, the request to the app is aborted. */
function untilLeft(body: ReadableStream<Uint8Array> | null, leave: AbortController): ReadableStream<Uint8Array> | null {
  if (!body) return null;
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => leave.abort(),
    },
    { highWaterMark: 0 },
  );
}

function preflight(cors: string | null, { forward: more }: ProxySettings): Response {
  if (cors === null) throw new Refusal(403, "Pages of other sites may not use this proxy.");
  const headers = ["accept", "content-type", "range", "x-gradio-user", ...more].join(", ");
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-headers": headers,
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-max-age": "600",
    },
  });
}

/** Adds the headers that every answer has. */
function withHeaders(answer: Response, cors: string | null, { origins }: ProxySettings): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(safeHeaders)) headers.set(name, value);
  if (origins.length > 0) headers.append("vary", "Origin");
  if (cors !== null) {
    headers.set("access-control-allow-origin", cors);
    headers.set("access-control-expose-headers", "content-length, content-range, retry-after");
  }
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
