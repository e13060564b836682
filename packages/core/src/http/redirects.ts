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

/** A request that does not follow redirects by itself (`redirect: "manual"`), and what it was made of: a body can be read once. */
export interface Outgoing {
  request: Request;
  headers: Headers;
  body?: string | undefined;
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
  outgoing: Outgoing,
  { origin, elsewhere = "never", once = false }: RedirectRules,
  options?: FetchOptions,
): Promise<Response> {
  const sent: Request[] = [];
  let next = outgoing;
  for (let hop = 0; hop <= HOPS; hop++) {
    const { request, body } = next;
    sent.push(request);
    const response = await transport.fetch(request, body === undefined ? options : { ...options, body });
    const redirected = response.type === "opaqueredirect" || (response.status >= 300 && response.status <= 399);
    if (redirected && elsewhere === "done") return new Response("{}");
    if (response.type === "opaqueredirect") return await followUnseen(transport, next, { origin, elsewhere, once });
    const location = response.headers.get("location");
    if (!redirected || location === null) return held(response, sent);
    await response.body?.cancel();
    const url = destination(location, request.url);
    if (url.origin === origin) next = sentOn(next, url, response.status);
    else if (elsewhere === "bare") next = made(request, url, new Headers());
    else throw leaving(request.url, url.origin);
  }
  throw new ProtocolError(`${place(outgoing.request.url)} redirects again and again.`);
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
function sentOn({ request, headers, body }: Outgoing, url: URL, status: number): Outgoing {
  const get = status === 303 || ((status === 301 || status === 302) && request.method === "POST");
  if (!get) return made(request, url, headers, body);
  const kept = new Headers(headers);
  kept.delete("content-type");
  return made(request, url, kept);
}

/** A request to another address, in place of one that was sent there in vain. */
function made({ signal, method, keepalive }: Request, url: URL, headers: Headers, body?: string): Outgoing {
  const post = body === undefined ? {} : { method, keepalive, body };
  return { request: new Request(url, { headers, signal, redirect: "manual", ...post }), headers, body };
}

/**
 * Browsers do not say where a redirect leads, only where one ended that they followed. So they follow it with nothing that could be
 * a secret first; where that ends within the origin, the request goes there as it was.
 */
async function followUnseen(
  transport: Transport,
  { request, headers }: Outgoing,
  { origin, elsewhere, once }: RedirectRules,
): Promise<Response> {
  if (request.method !== "GET" || once) throw leaving(request.url, "another address");
  const { signal } = request;
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
