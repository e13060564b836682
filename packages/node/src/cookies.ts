import type { Transport } from "@gradio-rx/core";
import { CookieJar } from "tough-cookie";

/** A transport with a cookie jar. */
export interface CookieTransport extends Transport {
  /** Takes cookies that the caller brings, `a=1; b=2`, for an address. */
  give(url: URL, cookies: string): void;
}

/**
 * A transport that keeps cookies as a browser does: each goes back to the origin that set it, and to no other, port
 * included. Node's `fetch` keeps none, and apps with a login or with several replicas need them.
 */
export function withCookies(transport: Transport): CookieTransport {
  const jars = new Map<string, CookieJar>();
  const jarOf = (url: URL): CookieJar => {
    const jar = jars.get(url.origin) ?? new CookieJar(undefined, { rejectPublicSuffixes: false });
    jars.set(url.origin, jar);
    return jar;
  };
  const add = (url: URL, headers: Headers): void => {
    const kept = jarOf(url).getCookieStringSync(url.href);
    const own = headers.get("cookie");
    if (kept !== "") headers.set("cookie", own === null ? kept : `${own}; ${kept}`);
  };
  const keep = (url: URL, response: Response): Response => {
    // A cookie that cannot be read is one less, not a failure of the request.
    for (const cookie of response.headers.getSetCookie())
      jarOf(url).setCookieSync(cookie, url.href, { ignoreError: true });
    return response;
  };
  return {
    give(url, cookies) {
      for (const cookie of cookies.split(";"))
        jarOf(url).setCookieSync(`${cookie.trim()}; Path=/`, url.href, { ignoreError: true });
    },
    ...(transport.openSocket && {
      openSocket: (request) => {
        const headers = new Headers(request.headers);
        const url = new URL(request.url.href.replace(/^ws/, "http"));
        add(url, headers);
        return transport.openSocket!({ ...request, headers });
      },
    }),
    async fetch(request, options) {
      const url = new URL(request.url);
      add(url, request.headers);
      return keep(url, await transport.fetch(request, options));
    },
    async upload(upload, onProgress) {
      const headers = new Headers(upload.headers);
      add(upload.url, headers);
      return keep(upload.url, await transport.upload({ ...upload, headers }, onProgress));
    },
  };
}
