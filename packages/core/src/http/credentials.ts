import { AuthenticationError, InputError, TimeoutError } from "../errors.ts";
import type { HeaderFields } from "../transport.ts";
import { Deadline } from "./deadline.ts";

/** What proves who the caller is, and what the caller wants to be sent along. */
export interface Credentials {
  /** Hugging Face token, or a function that gives one. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Headers of the caller's; they replace the SDK's own. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
}

type HeaderSource = Readonly<Record<string, string>> | Headers | undefined;

/** What else decides on the headers of one request. */
export interface HeaderOptions {
  /** Headers of one call; they replace the client's, which replace the SDK's. */
  call?: HeaderSource;
  /** Ends the waiting for a token, with its reason. */
  signal: AbortSignal;
  /** Most milliseconds to wait for a token. */
  timeout: number;
}

/**
 * The headers of a request to the app. Requests to any other origin get none of them: nobody else may see a token.
 *
 * @param own - the SDK's own headers for this request, their names in lower case.
 * @throws AuthenticationError where the caller's token function fails, TimeoutError where it takes too long.
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
 * Asks a function of the caller's for a secret.
 *
 * @param option - the option that it was given as, for sentences.
 * @throws AuthenticationError where it fails, TimeoutError where it takes too long; the signal's reason.
 */
export async function askCaller(
  option: string,
  source: () => string | Promise<string>,
  { signal, timeout }: Pick<HeaderOptions, "signal" | "timeout">,
): Promise<string> {
  const deadline = new Deadline([signal], timeout);
  try {
    return await deadline.race(Promise.resolve(source()));
  } catch (cause) {
    signal.throwIfAborted();
    if (deadline.expired) throw new TimeoutError(`The ${option} function gave no token in time.`, { kind: "request" });
    throw new AuthenticationError(`The ${option} function failed.`, { cause });
  } finally {
    deadline.end();
  }
}

function bearer(token: unknown): string {
  if (typeof token !== "string" || token === "")
    throw new InputError("A token must be a string that is not empty.", { parameter: "token" });
  const value = `Bearer ${token.trim()}`;
  // A platform's own error would repeat the token.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new InputError("The token holds a character that no HTTP header can have.", { parameter: "token" });
  return value;
}
