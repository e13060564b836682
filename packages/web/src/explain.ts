import { ConnectionError } from "@gradio-rx/core";

/** Maximum time of the request that distinguishes a refused origin from an unreachable host, in milliseconds. */
const PROBE_TIMEOUT = 3_000;

/**
 * Returns the error for a request that the browser reports as failed. Browsers do not report to scripts whether a server of another origin
 * is unreachable or does not allow the page's origin. An opaque request, without credentials, headers and path, shows which is true.
 *
 * @param error - the browser's error.
 * @returns the given error where nothing more is known.
 */
export async function explainFailure(error: unknown, request: Pick<Request, "url" | "signal">): Promise<unknown> {
  const page = typeof location === "undefined" ? "null" : location.origin;
  const { origin, protocol, pathname } = new URL(request.url);
  if (!(error instanceof TypeError) || request.signal.aborted || page === origin || !/^https?:/.test(page))
    return error;
  const failed = `The connection to ${origin}${pathname} failed`;
  const explained = (why: string): ConnectionError =>
    new ConnectionError(`${failed}: ${why}`, { cause: error, accepted: null });
  if (await answers(origin, request.signal))
    return explained(
      `the server runs, but does not allow requests from pages of the origin ${page} (CORS). ` +
        "Either let the app allow that origin; an app of Gradio on this machine allows it with `launch(strict_cors=False)`. " +
        "Or serve the page and the app from one origin, for example through a proxy.",
    );
  if (page.startsWith("https:") && protocol === "http:")
    return explained(
      "a page that was loaded over https cannot send requests to an http address. Serve the app over https.",
    );
  return explained("the server cannot be reached. Check its address, and whether it runs.");
}

/** Whether any server answers at an origin. */
async function answers(origin: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetch(`${origin}/`, {
      mode: "no-cors",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT)]),
    });
    return true;
  } catch {
    return false;
  }
}
