import { InputError } from "@gradio-rx/core";
import { askCaller } from "@gradio-rx/core/platform";

/** Maximum time for a function that gives a token, in milliseconds. */
const TOKEN_TIMEOUT = 30_000;

/**
 * Returns a function that makes the header by which a ZeroGPU Space charges a visitor (PROTOCOL.md, 1.8). It is called for each
 * call.
 *
 * @param closed - ends the wait for a token, with its reason.
 */
export function ipTokenHeaders(
  token: string | (() => string | Promise<string>),
  closed: AbortSignal,
): () => Promise<Record<string, string>> {
  return async () => {
    const given: unknown =
      typeof token === "function"
        ? await askCaller("ipToken", token, { signal: closed, timeout: TOKEN_TIMEOUT })
        : token;
    // The platform's own error would repeat the token.
    if (typeof given !== "string" || !/^[\x21-\x7e]+$/.test(given))
      throw new InputError("ipToken must be a token without blanks, as it is sent in a header.", {
        parameter: "ipToken",
      });
    return { "x-ip-token": given };
  };
}
