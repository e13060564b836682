import type { WebConnectOptions } from "./client.ts";

/** Requests that a page sends while the rest of the package is still loading, by address. */
export type EarlyRequests = Map<string, Promise<Response>>;

/** Prefix of the API of Gradio 5 and newer. */
const PREFIX = "gradio_api/";

/**
 * Sends the two requests of connecting, for the configuration and the description of the app, before the rest of the package
 * is loaded. Their answers are used as the first attempt of these requests, so loading adds no round trip. Sends nothing if another
 * step comes first: finding a Space, a login, a token, a `fetch` of the caller. Sends nothing with the options `page`, `deepLink` and
 * `signal` either.
 *
 * @returns the answers by URL; `null` where nothing was sent.
 */
export function requestEarly(app: unknown, options: WebConnectOptions): EarlyRequests | null {
  const { token, auth, fetch: own, headers, page, deepLink, signal, credentials } = options;
  const needs = [token, auth, own, page, deepLink, signal].some((option) => option !== undefined);
  const base = needs || typeof fetch !== "function" ? null : addressOf(app);
  if (!base) return null;
  const early: EarlyRequests = new Map();
  for (const path of ["config", `${PREFIX}info?all_endpoints=true`]) {
    const { href } = new URL(path, base);
    const all = new Headers({ accept: "application/json" });
    new Headers(headers).forEach((value, name) => all.set(name, value));
    const init = { headers: all, redirect: "manual" as const, ...(credentials && { credentials }) };
    const answer = fetch(href, init);
    // The request that takes the answer reports its failure.
    answer.catch(() => undefined);
    early.set(href, answer);
  }
  return early;
}

/** Returns the URL of an app that was passed as an http(s) URL and is not a Space; `null` for any other name. */
function addressOf(app: unknown): URL | null {
  const text = app instanceof URL ? app.href : typeof app === "string" ? app.trim() : "";
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isSpace = url.hostname.endsWith(".hf.space") || url.pathname.startsWith("/spaces/");
  if (isSpace || url.username !== "" || url.password !== "" || url.search !== "") return null;
  url.hash = "";
  let end = url.pathname.length;
  while (url.pathname[end - 1] === "/") end--;
  url.pathname = `${url.pathname.slice(0, end)}/`;
  return url;
}
