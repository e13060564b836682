/** A `fetch` that a subclass of the client defines. */
export type OwnFetch = (input: string, init: RequestInit) => Promise<Response>;

/** Returns a `fetch` for the SDK that sends each request with the `fetch` of a subclass: an address and its options, as `@gradio/client` does. */
export function fetchOf(own: OwnFetch): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method, headers, signal, redirect, credentials } = request;
    const type = headers.get("content-type") ?? "";
    const isForm = type.startsWith("multipart/");
    // A body that is a stream could be sent once, and not by browsers. Of a form, the boundary is part of the headers.
    const body = method === "GET" ? undefined : isForm ? await request.blob() : await request.text();
    const init: RequestInit = { method, headers, signal, redirect, credentials };
    return await own(request.url, body === undefined ? init : { ...init, body });
  };
}

/**
 * Sends a request with the platform's `fetch`, for a subclass that calls `super.fetch`.
 *
 * @param headers - headers that are added to a request to the app.
 * @param origin - origin of the app; `null` where it is not known yet: the first requests have their headers already.
 */
export async function platformFetch(
  input: string | URL | Request,
  init: RequestInit | undefined,
  { headers, origin }: { headers: Headers; origin: string | null },
): Promise<Response> {
  const request = new Request(input, init);
  if (origin !== null && new URL(request.url).origin === origin)
    headers.forEach((value, name) => {
      if (!request.headers.has(name)) request.headers.set(name, value);
    });
  return await fetch(request);
}
