import ky, { isNetworkError } from "ky";

/** Sends a request to a REST service by ky; with the first one this file is loaded. */
export async function sendByKy(
  url: string,
  init: RequestInit,
  fetch: (request: Request) => Promise<Response>,
): Promise<Response> {
  try {
    return await ky(url, {
      ...init,
      fetch: async (input) => await fetch(input instanceof Request ? input : new Request(input)),
      // What to repeat, and until when, is decided by whoever sends: ky gives no time to bodies, and has no budget.
      timeout: false,
      retry: 0,
      throwHttpErrors: false,
    });
  } catch (error) {
    // ky's own error holds the request with its headers, the token among them: nobody gets to see it.
    throw isNetworkError(error) ? error.cause : error;
  }
}
