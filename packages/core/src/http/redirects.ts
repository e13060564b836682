import { ProtocolError } from "../errors.ts";
import type { HeaderFields, Transport, TransportRequest, TransportResponse } from "../transport.ts";
import type { Secrets } from "./secrets.ts";
import { isPlainUrl, redactedUrl } from "./urls.ts";

/** Maximum number of redirects of one request. */
const MAX_REDIRECTS = 10;

/** Rules for redirects of one request. */
export interface RedirectRules {
  /** Origin that receives the caller's headers and body. */
  origin: string;
  /** Receives the secrets that are sent, and cookies that are received. */
  secrets: Secrets;
  /** `"manual"`: a redirect is returned as the answer. Default `"follow"`. */
  redirect?: "follow" | "manual";
  /**
   * Handling of a redirect to another origin. `"error"`: it fails. `"anonymous"`: it is followed without headers and
   * without a body. Default `"error"`.
   */
  crossOrigin?: "error" | "anonymous";
  /** Returns whether a redirect that is followed without headers may lead to a URL of another origin. Default: to any. */
  allows?: ((url: URL) => boolean) | undefined;
  /** Whether the request may be sent twice to find out where a redirect leads. Default `true`. */
  probe?: boolean;
}

/** Whether an answer is a redirect. */
export function isRedirect({ type, status }: Pick<TransportResponse, "type" | "status">): boolean {
  return type === "opaqueredirect" || (status >= 300 && status <= 399);
}

/**
 * Sends a request and follows redirects within the origin. `fetch` would send the body, and every header but
 * `Authorization`, wherever an answer points.
 *
 * @throws ProtocolError for a redirect to another origin, to a URL that is not http(s), and for more than ten redirects.
 */
export async function sendFollowingRedirects(
  transport: Transport,
  request: TransportRequest,
  rules: RedirectRules,
): Promise<TransportResponse> {
  const { secrets } = rules;
  const send = async (one: TransportRequest): Promise<TransportResponse> => {
    secrets.addHeaders(one.headers);
    const isOwn = new URL(one.url).origin === rules.origin;
    const answer = await transport.send(isOwn ? one : { ...one, cookies: false });
    secrets.addCookies(answer);
    return answer;
  };
  let next = request;
  let response = await send(next);
  if (rules.redirect === "manual") return response;
  for (let count = 0; isRedirect(response); count++) {
    if (response.type === "opaqueredirect") return await followOpaque(transport, next, rules);
    const location = response.headers.get("location");
    if (location === null) return response;
    await response.body?.cancel();
    if (count === MAX_REDIRECTS)
      throw new ProtocolError(`${redactedUrl(new URL(request.url))} redirects more than ${MAX_REDIRECTS} times.`);
    next = redirected(next, targetOf(location, next.url), response.status, rules);
    response = await send(next);
  }
  return response;
}

/** Resolves a `Location` header. Only http(s) URLs are opened, so that no `file:` or `data:` URL is read. */
function targetOf(header: string, from: string): URL {
  // A header's characters stand for bytes. Parsed as characters, those that are not ASCII would be encoded as UTF-8 once more.
  const location = header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (!url || !isPlainUrl(url))
    throw new ProtocolError(`${redactedUrl(new URL(from))} redirects to a URL that is not http(s).`);
  return url;
}

/** Creates the request for a redirect. As in browsers, a 303, and a 301 or 302 after a POST, become a GET. */
function redirected(
  request: TransportRequest,
  url: URL,
  status: number,
  { origin, allows, crossOrigin = "error" }: RedirectRules,
): TransportRequest {
  if (url.origin !== origin) {
    if (crossOrigin === "error" || allows?.(url) === false) throw leavesOrigin(request.url, url.origin);
    return { ...request, url: url.href, headers: {}, body: undefined, cookies: false };
  }
  const becomesGet = status === 303 || ((status === 301 || status === 302) && request.body !== undefined);
  if (!becomesGet) return { ...request, url: url.href };
  const { "content-type": _, ...headers }: HeaderFields = request.headers;
  return { ...request, url: url.href, headers, body: undefined };
}

/**
 * Follows a redirect in a browser, which reports only where a redirect that it followed ended. So the request is sent without
 * headers first; where that ends within the origin, the request is sent there with its headers.
 */
async function followOpaque(
  transport: Transport,
  request: TransportRequest,
  { origin, allows, crossOrigin = "error", probe = true }: RedirectRules,
): Promise<TransportResponse> {
  if (request.body !== undefined || !probe) throw leavesOrigin(request.url, "another URL");
  const seen = await transport.send({ ...request, headers: {}, redirect: "follow", cookies: false });
  const isElsewhere = new URL(seen.url).origin !== origin;
  if (crossOrigin === "anonymous" && isElsewhere && allows?.(new URL(seen.url)) !== false) return seen;
  await seen.body?.cancel();
  const arrived = seen.url === "" ? request.url : seen.url;
  if (new URL(arrived).origin !== origin) throw leavesOrigin(request.url, new URL(arrived).origin);
  return await transport.send({ ...request, url: arrived, redirect: "error" });
}

function leavesOrigin(from: string, to: string): ProtocolError {
  return new ProtocolError(
    `${redactedUrl(new URL(from))} redirects to ${to}. Connect to that address if you trust it.`,
  );
}
