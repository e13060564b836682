import { ProtocolError } from "../errors.ts";
import type { HeaderFields, Transport, TransportRequest, TransportResponse } from "../transport.ts";
import { isPlainAddress } from "./addresses.ts";
import { place } from "./failures.ts";
import { isRedirect, type RedirectRules } from "./redirect-rules.ts";

/** How often an answer may send on. */
const HOPS = 10;

/**
 * Follows an answer that sends on. Left to itself, `fetch` would carry the body and every header but `Authorization` to
 * wherever an answer points.
 *
 * @throws ProtocolError for a redirect that leaves the origin, and for one that never ends.
 */
export async function follow(
  transport: Transport,
  { request, response: first }: { request: TransportRequest; response: TransportResponse },
  { origin, elsewhere = "never", once = false }: RedirectRules,
): Promise<TransportResponse> {
  let next = request;
  let response = first;
  for (let hop = 0; isRedirect(response); hop++) {
    if (response.type === "opaqueredirect") return await followUnseen(transport, next, { origin, elsewhere, once });
    const location = response.headers.get("location");
    if (location === null) return response;
    await response.body?.cancel();
    if (hop === HOPS) throw new ProtocolError(`${place(new URL(request.url))} redirects again and again.`);
    const url = destination(location, next.url);
    if (url.origin === origin) next = sentOn(next, url, response.status);
    else if (elsewhere === "bare") next = { ...next, url: url.href, headers: {}, body: undefined };
    else throw leaving(next.url, url.origin);
    response = await transport.send(next);
  }
  return response;
}

/** Where an answer points: an address of the web. What reads files, or makes up an answer of its own, is never opened. */
function destination(header: string, from: string): URL {
  // A header gives bytes as characters: what is not ASCII would be taken for letters, and be written as UTF-8 once more.
  const location = header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (!url || !isPlainAddress(url))
    throw new ProtocolError(`${place(new URL(from))} redirects to what is no address of the web.`);
  return url;
}

/** As browsers do: a 303, and a 301 or 302 after a POST, become a GET. */
function sentOn(request: TransportRequest, url: URL, status: number): TransportRequest {
  const get = status === 303 || ((status === 301 || status === 302) && request.body !== undefined);
  if (!get) return { ...request, url: url.href };
  const { "content-type": _, ...headers }: HeaderFields = request.headers;
  return { ...request, url: url.href, headers, body: undefined };
}

/**
 * Browsers do not say where a redirect leads, only where one ended that they followed. So they follow it with nothing that could be
 * a secret first; where that ends within the origin, the request goes there as it was.
 */
async function followUnseen(
  transport: Transport,
  request: TransportRequest,
  { origin, elsewhere, once }: RedirectRules,
): Promise<TransportResponse> {
  if (request.body !== undefined || once) throw leaving(request.url, "another address");
  const seen = await transport.send({ ...request, headers: {}, redirect: "follow" });
  if (elsewhere === "bare" && new URL(seen.url).origin !== origin) return seen;
  await seen.body?.cancel();
  const arrived = seen.url === "" ? request.url : seen.url;
  if (new URL(arrived).origin !== origin) throw leaving(request.url, new URL(arrived).origin);
  return await transport.send({ ...request, url: arrived, redirect: "error" });
}

function leaving(from: string, to: string): ProtocolError {
  return new ProtocolError(`${place(new URL(from))} redirects to ${to}. Connect to that address if you trust it.`);
}
