import { ProtocolError } from "../errors.ts";
import type { FetchOptions, Transport } from "../transport.ts";
import { isPlainAddress } from "./addresses.ts";

/** How often an answer may send on. */
const HOPS = 10;

/** Where redirects may lead, and what goes along. */
export interface RedirectRules {
  /** Whether the answer is taken by reading it, so that it must not be asked for just to see where it is. Default `false`. */
  once?: boolean;
  /** The app's own origin. */
  origin: string;
  /**
   * What a redirect to another origin does: `"never"` fails; `"bare"` follows without the caller's headers and without a
   * body; and for `"done"` any redirect, wherever it leads, is the answer. Default `"never"`.
   */
  elsewhere?: "never" | "bare" | "done";
}

/**
 * The requests behind each body that is being read. In Node a request's signal follows the one it was given only as long as
 * somebody holds the request: after a collection of garbage, aborting would not reach the body any more.
 */
const behind = new WeakMap<ReadableStream, readonly Request[]>();

/**
 * Sends a request, and follows redirects within the app's origin. Left to itself, `fetch` would carry the body and every
 * header but `Authorization` to wherever an answer points.
 *
 * @throws ProtocolError for a redirect that leaves the origin, and for one that never ends.
 */
export async function fetchWithin(
  transport: Transport,
  request: Request,
  { origin, elsewhere = "never", once = false }: RedirectRules,
  options?: FetchOptions,
): Promise<Response> {
  const sent = [request];
  let next = new Request(request, { redirect: "manual" });
  for (let hop = 0; hop <= HOPS; hop++) {
    const body = next.body ? next.clone() : next;
    sent.push(next, body);
    const response = await transport.fetch(next, options);
    const redirected = response.type === "opaqueredirect" || (response.status >= 300 && response.status <= 399);
    if (redirected && elsewhere === "done") return new Response("{}");
    if (response.type === "opaqueredirect") return await followUnseen(transport, body, { origin, elsewhere, once });
    const location = response.headers.get("location");
    if (!redirected || location === null) return held(response, sent);
    await response.body?.cancel();
    const url = destination(location, next.url);
    if (url.origin === origin) next = sentOn(body, url, response.status);
    else if (elsewhere === "bare") next = new Request(url, { signal: request.signal, redirect: "manual" });
    else throw leaving(next.url, url.origin);
  }
  throw new ProtocolError(`${place(request.url)} redirects again and again.`);
}

function held(response: Response, by: readonly Request[]): Response {
  if (response.body) behind.set(response.body, by);
  return response;
}

/** Where an answer points: an address of the web. What reads files, or makes up an answer of its own, is never opened. */
function destination(location: string, from: string): URL {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (!url || !isPlainAddress(url))
    throw new ProtocolError(`${place(from)} redirects to what is no address of the web.`);
  return url;
}

/** As browsers do: a 303, and a 301 or 302 after a POST, become a GET. */
function sentOn(request: Request, url: URL, status: number): Request {
  const { headers, signal, method } = request;
  const get = status === 303 || ((status === 301 || status === 302) && method === "POST");
  if (get || !request.body)
    return new Request(url, { headers: get ? bare(headers) : headers, signal, redirect: "manual" });
  return new Request(url, request);
}

function bare(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-type");
  return kept;
}

/**
 * Browsers do not say where a redirect leads, only where one ended that they followed. So they follow it with nothing that could be
 * a secret first; where that ends within the origin, the request goes there as it was.
 */
async function followUnseen(
  transport: Transport,
  request: Request,
  { origin, elsewhere, once }: RedirectRules,
): Promise<Response> {
  if (request.method !== "GET" || once) throw leaving(request.url, "another address");
  const { signal, headers } = request;
  const seen = await transport.fetch(new Request(request.url, { signal, redirect: "follow" }));
  if (elsewhere === "bare" && new URL(seen.url).origin !== origin) return seen;
  await seen.body?.cancel();
  const arrived = seen.url === "" ? request.url : seen.url;
  if (new URL(arrived).origin !== origin) throw leaving(request.url, new URL(arrived).origin);
  return await transport.fetch(new Request(arrived, { headers, signal, redirect: "error" }));
}

function leaving(from: string, to: string): ProtocolError {
  return new ProtocolError(`${place(from)} redirects to ${to}. Connect to that address if you trust it.`);
}

/** An address without its query, which may hold what is secret. */
function place(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
