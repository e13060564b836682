import { AuthenticationError, ConnectionError, GradioError, ProtocolError, RateLimitError } from "../errors.ts";
import type { TransportResponse } from "../transport.ts";
import { withoutSecrets } from "./addresses.ts";
import { place } from "./failures.ts";

/** How long a server asks to be left alone, by the error that it answered with. */
const waits = new WeakMap<object, number>();

/** Least milliseconds to wait after a failure, as the server asked; 0 where it asked for nothing. */
export function retryAfterOf(error: unknown): number {
  return (error instanceof GradioError && waits.get(error)) || 0;
}

/** The error that a status stands for, unless the call knows better (PROTOCOL.md, 7). */
export function statusError(
  response: Pick<TransportResponse, "status" | "headers">,
  body: unknown,
  url: URL,
): GradioError {
  const retryAfter = parseRetryAfter(response.headers.get("retry-after"));
  const error = ofStatus(response.status, retryAfter, body, url);
  if (retryAfter !== null) waits.set(error, retryAfter);
  return error;
}

function ofStatus(status: number, retryAfter: number | null, body: unknown, url: URL): GradioError {
  const said = detail(body);
  const what = `${place(url)} answered ${status}${said ? `: ${said}` : ""}`;
  if (status === 401 || status === 403) return new AuthenticationError(`The app refused access. ${what}`, { status });
  if (status === 429) return new RateLimitError(`Too many requests. ${what}`, { status, retryAfter });
  if (status >= 500 && status !== 501)
    return new ConnectionError(`The server failed. ${what}`, { status, accepted: null });
  return new ProtocolError(what, { status });
}

/** What an answer says in words, at most 200 characters of it; `""` where it says nothing. */
export function detail(body: unknown): string {
  if (typeof body === "string") return quote(/<html|<!doctype/i.test(body) ? title(body) : body.trim());
  if (typeof body !== "object" || body === null) return "";
  const said = "detail" in body ? body.detail : "error" in body ? body.error : undefined;
  if (typeof said === "string") return quote(said);
  return said === undefined || said === null ? "" : quote(JSON.stringify(said));
}

/** A web page says most in its title; the whole of it is for nobody. */
function title(page: string): string {
  const text = /<title>([^<]*)/i.exec(page)?.[1]?.trim();
  return text ? `a web page, ${JSON.stringify(text)}` : "a web page";
}

/** At most 200 characters of what a server said, without what looks like a secret. */
export function quote(text: string): string {
  // A secret that is cut off no longer looks like one: so it is looked for in some more.
  const told = withoutSecrets(text.slice(0, 2_000));
  return told.length > 200 ? `${told.slice(0, 200)}…` : told;
}

/** `Retry-After`, seconds or a date, in milliseconds; `null` where it is neither. What is past is 0. */
function parseRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = value.trim() === "" ? NaN : Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}
