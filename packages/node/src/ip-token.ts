import { InputError } from "@gradio-rx/core";
import { askCaller } from "@gradio-rx/core/platform";

/** How long a function may take to give a token, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Makes what gives the header by which a ZeroGPU Space charges a visitor (PROTOCOL.md, 1.8), for each call anew.
 *
 * @param closed - ends the waiting for a token, with its reason.
 */
export function ipTokenHeaders(
  token: string | (() => string | Promise<string>),
  closed: AbortSignal,
): () => Promise<Record<string, string>> {
  return async () => {
    const given: unknown =
      typeof token === "function" ? await askCaller("ipToken", token, { signal: closed, timeout: PATIENCE }) : token;
    // The platform's own error would repeat the token.
    if (typeof given !== "string" || !/^[\x21-\x7e]+$/.test(given))
      throw new InputError("ipToken must be a token: a string that can be a header.", { parameter: "ipToken" });
    return { "x-ip-token": given };
  };
}
