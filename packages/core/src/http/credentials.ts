import { InputError } from "../errors.ts";

/** What proves who the caller is, and what the caller wants to be sent along. */
export interface Credentials {
  /** Hugging Face token, or a function that gives one. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Headers of the caller's; they replace the SDK's own. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
}

type HeaderSource = Readonly<Record<string, string>> | Headers | undefined;

/**
 * The headers of a request to the app. Requests to any other origin get none of them: nobody else may see a token.
 *
 * @param own - the SDK's own headers for this request.
 * @param call - headers of one call; they replace the client's, which replace the SDK's.
 */
export async function requestHeaders(
  credentials: Credentials,
  own: Readonly<Record<string, string>>,
  call?: HeaderSource,
): Promise<Headers> {
  const headers = new Headers(own);
  const { token } = credentials;
  if (token !== undefined) setToken(headers, typeof token === "function" ? await token() : token);
  for (const source of [credentials.headers, call]) {
    if (source) for (const [name, value] of new Headers(source)) headers.set(name, value);
  }
  return headers;
}

function setToken(headers: Headers, token: string): void {
  try {
    headers.set("authorization", `Bearer ${token}`);
  } catch {
    // The platform's own error would repeat the token.
    throw new InputError("The token holds a character that no HTTP header can have.", { parameter: "token" });
  }
}
