import type { TransportResponse } from "../transport.ts";

/** Where redirects may lead, and what goes along. */
export interface RedirectRules {
  /** Whether the answer is taken by reading it, so that it must not be asked for just to see where it is. Default `false`. */
  once?: boolean;
  /** The app's own origin. */
  origin: string;
  /**
   * What a redirect to another origin does: `"never"` fails; `"bare"` follows without the caller's headers and without a
   * body; and for `"done"` a redirect, wherever it leads, is the answer. Default `"never"`.
   */
  elsewhere?: "never" | "bare" | "done";
}

/** Whether an answer sends on. */
export function isRedirect({ type, status }: TransportResponse): boolean {
  return type === "opaqueredirect" || (status >= 300 && status <= 399);
}
