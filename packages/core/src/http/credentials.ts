import { AuthenticationError, InputError, TimeoutError } from "../errors.ts";
import { settleWithin } from "../timers.ts";
import type { HeaderFields } from "../transport.ts";

/** Headers as a caller may supply them. */
type HeaderSource = Readonly<Record<string, string>> | Headers | undefined;

/** Credentials and headers of the caller. */
export interface Credentials {
  /** Hugging Face token, or a function that returns one. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Headers of the client; they replace the SDK's own. */
  headers?: HeaderSource;
}

/** Options of {@link requestHeaders}. */
export interface HeaderOptions {
  /** Headers of one call; they replace the client's and the SDK's own. */
  call?: HeaderSource;
  /** Aborts waiting for a token. */
  signal: AbortSignal;
  /** Time limit for a token, in milliseconds. */
  timeout: number;
}

/**
 * Returns the headers of a request to the app. Requests to other origins must not carry them.
 *
 * @param own - the SDK's own headers for this request, with names in lower case.
 * @throws AuthenticationError where the caller's token function fails; TimeoutError where it takes too long.
 */
export async function requestHeaders(
  credentials: Credentials,
  own: HeaderFields,
  options: HeaderOptions,
): Promise<HeaderFields> {
  const { token } = credentials;
  const headers: Record<string, string> = { ...own };
  if (token !== undefined)
    headers["authorization"] = bearer(typeof token === "function" ? await askCaller("token", token, options) : token);
  for (const source of [credentials.headers, options.call]) {
    if (source) for (const [name, value] of new Headers(source)) headers[name] = value;
  }
  return headers;
}

/**
 * Calls a function of the caller that returns a secret.
 *
 * @param option - name of the option that the function was passed as, for error messages.
 * @throws AuthenticationError where it fails; TimeoutError where it takes too long; the signal's reason.
 */
export async function askCaller(
  option: string,
  source: () => string | Promise<string>,
  { signal, timeout }: Pick<HeaderOptions, "signal" | "timeout">,
): Promise<string> {
  const late = new TimeoutError(`The ${option} function did not return a token within ${timeout} ms.`, {
    kind: "request",
  });
  try {
    return await settleWithin((async () => await source())(), { signal, timeout, timeoutError: () => late });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause === late) throw late;
    throw new AuthenticationError(`The ${option} function failed. Its error is the cause.`, { cause });
  }
}

function bearer(token: unknown): string {
  if (typeof token !== "string" || token === "")
    throw new InputError("The token is not a string, or is empty.", { parameter: "token" });
  const value = `Bearer ${token.trim()}`;
  // The platform's own error would repeat the token.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new InputError("The token contains a character that an HTTP header cannot contain.", { parameter: "token" });
  return value;
}
