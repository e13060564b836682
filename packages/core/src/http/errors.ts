import {
  AuthenticationError,
  ConnectionError,
  GradioError,
  ProtocolError,
  RateLimitError,
  TimeoutError,
} from "../errors.ts";
import type { TransportResponse } from "../transport.ts";
import { withoutSecrets } from "./redaction.ts";
import { redactedUrl } from "./urls.ts";

/** Converts any thrown value to an error of the SDK. */
export function toGradioError(error: unknown, url: URL): GradioError {
  if (error instanceof GradioError) return error;
  const accepted = failedToConnect(error) ? false : null;
  const why = isNotTls(error)
    ? `the server does not answer in TLS. If the app is served over http, its address begins with http://. (${innermostMessage(error).trim()})`
    : innermostMessage(error);
  const remedy = accepted === false ? ". Check the address, and that the app runs." : "";
  const message = `The connection to ${redactedUrl(url)} failed: ${why}${remedy}`;
  return new ConnectionError(message, { cause: error, accepted });
}

/**
 * System calls and codes of failures before a connection exists. A host that cannot be reached, and a violation of the TLS
 * protocol, may also be reported later, so they are not listed here.
 */
const NOT_CONNECTED =
  /^connect | (ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ERR_PROXY_TUNNEL|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** Whether the platform reports that no connection was established, so that nothing was sent. */
function failedToConnect(error: unknown): boolean {
  for (const cause of causeChain(error))
    if (NOT_CONNECTED.test(`${Reflect.get(cause, "syscall")} ${Reflect.get(cause, "code")}`)) return true;
  return false;
}

/** Messages of OpenSSL for an answer that is not a TLS record, such as that of an http server. */
const NOT_TLS = /wrong.version.number|packet.length.too.long/i;

/** Whether a server answered the start of a TLS connection with something else. */
function isNotTls(error: unknown): boolean {
  return Array.from(causeChain(error)).some((cause) => NOT_TLS.test(`${Reflect.get(cause, "code")} ${cause.message}`));
}

function innermostMessage(error: unknown): string {
  let message = "no reason was given";
  for (const cause of causeChain(error)) if (cause.message) message = cause.message;
  return message;
}

/** Whether a value is an error, also one of another realm: those of the platform are, in a test environment such as Jest. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** Yields an error and its causes. Of an AggregateError, one error for each address of a host, the first one counts. */
function* causeChain(error: unknown): Generator<Error> {
  for (let cause = error; isError(cause);) {
    yield cause;
    cause = "errors" in cause && Array.isArray(cause.errors) ? cause.errors[0] : cause.cause;
  }
}

/** Statuses of failures that may be over a while later. */
const TRANSIENT: readonly (number | undefined)[] = [408, 425, 429, 500, 502, 503, 504];

/** Whether the same request may succeed a while later. */
export function isTransient(error: unknown): error is GradioError {
  if (error instanceof TimeoutError) return error.kind === "request";
  if (!(error instanceof GradioError)) return false;
  return error.status === undefined ? error instanceof ConnectionError : TRANSIENT.includes(error.status);
}

/** Whether the request certainly had no effect: it did not leave, or the server rejected it as one of too many. */
export function wasNotSent(error: unknown): error is RateLimitError | ConnectionError {
  return error instanceof RateLimitError || (error instanceof ConnectionError && error.accepted === false);
}

/** Key of the delay that a server asked for. Not enumerable: only retries read it. */
const RETRY_AFTER = Symbol("retryAfter");

/** Returns the delay in milliseconds that the server asked for with an error; 0 for none. */
export function retryAfterOf(error: unknown): number {
  const delay: unknown = error instanceof GradioError ? Reflect.get(error, RETRY_AFTER) : undefined;
  return typeof delay === "number" ? delay : 0;
}

/** Creates the error for a status, where the request has no rule of its own (PROTOCOL.md, 7). */
export function statusError(
  { status, headers }: Pick<TransportResponse, "status" | "headers">,
  body: unknown,
  url: URL,
): GradioError {
  const retryAfter = parseRetryAfter(headers.get("retry-after"));
  const said = detail(body);
  const answer = `${redactedUrl(url)} answered ${status}${said ? `: ${said}` : ""}`;
  let error: GradioError;
  if (status === 401 || status === 403)
    error = new AuthenticationError(`The server refused access. ${answer}`, { status });
  else if (status === 429) error = new RateLimitError(`Too many requests. ${answer}`, { status, retryAfter });
  else if (status >= 500 && status !== 501)
    error = new ConnectionError(`The server failed. ${answer}`, { status, accepted: null });
  else error = new ProtocolError(answer, { status });
  if (retryAfter !== null) Object.defineProperty(error, RETRY_AFTER, { value: retryAfter });
  return error;
}

/** Parses `Retry-After`, in seconds or as a date, to milliseconds from now; `null` for anything else. */
function parseRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = value.trim() === "" ? NaN : Number(value);
  const delay = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delay) ? Math.max(0, delay) : null;
}

/** Returns the error message in an answer, at most 200 characters of it; `""` where it has none. */
export function detail(body: unknown): string {
  if (typeof body === "string") return quote(/<html|<!doctype/i.test(body) ? pageTitle(body) : body.trim());
  if (typeof body !== "object" || body === null) return "";
  const said = "detail" in body ? body.detail : "error" in body ? body.error : undefined;
  if (typeof said === "string") return quote(said);
  return said === undefined || said === null ? "" : quote(JSON.stringify(said));
}

/** Describes an HTML page by its title. */
function pageTitle(page: string): string {
  const title = /<title>([^<]*)/i.exec(page)?.[1]?.trim();
  return title ? `a web page, ${JSON.stringify(title)}` : "a web page";
}

/** Returns at most 200 characters of a server's text, with secrets removed. */
export function quote(text: string): string {
  // A secret that is cut off is not recognized, so more than is quoted is searched.
  const safe = withoutSecrets(text.slice(0, 2_000));
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}
