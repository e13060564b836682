import { ConnectionError, GradioError, RateLimitError, TimeoutError } from "../errors.ts";

/** Makes an error of the SDK of whatever was thrown. */
export function typed(error: unknown, url: URL): GradioError {
  if (error instanceof GradioError) return error;
  const accepted = neverSent(error) ? false : null;
  return new ConnectionError(`The connection to ${place(url)} failed: ${reason(error)}`, { cause: error, accepted });
}

/** An address without its query, which may hold what is secret. */
export function place(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * What platforms were doing, and what they say of it, when they have not even got a connection. That a host is out of reach they
 * may say later, too, and of TLS that its rules were broken.
 */
const UNCONNECTED =
  /^connect | (ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ERR_PROXY_TUNNEL|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** Whether the platform says that not one byte has left. */
function neverSent(error: unknown): boolean {
  for (const cause of causes(error))
    if (UNCONNECTED.test(`${Reflect.get(cause, "syscall")} ${Reflect.get(cause, "code")}`)) return true;
  return false;
}

/** The innermost sentence that the platform gave. */
function reason(error: unknown): string {
  let sentence = "no reason was given";
  for (const cause of causes(error)) if (cause.message) sentence = cause.message;
  return sentence;
}

/** An error and what is behind it. Of a name with several addresses, each of which has failed, the first stands for all. */
function* causes(error: unknown): Generator<Error> {
  for (let cause = error; cause instanceof Error;) {
    yield cause;
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
}

/** Statuses that a while later may be others. */
const PASSING: readonly (number | undefined)[] = [408, 425, 429, 500, 502, 503, 504];

/** Whether a failure may be gone when the request is repeated. */
export function isPassing(error: unknown): error is GradioError {
  if (error instanceof TimeoutError) return error.kind === "request";
  if (!(error instanceof GradioError)) return false;
  return error.status === undefined ? error instanceof ConnectionError : PASSING.includes(error.status);
}

/** Whether a failure says that nobody has taken the request. */
export function isUnheard(error: unknown): boolean {
  return error instanceof RateLimitError || (error instanceof ConnectionError && error.accepted === false);
}
