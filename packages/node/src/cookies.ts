import type { Transport } from "@gradio-rx/core";
import type { Jars } from "./jar.ts";

/** A transport with a cookie jar. */
export interface CookieTransport extends Transport {
  /** Takes cookies that the caller brings, `a=1; b=2`, for an address. */
  give(url: URL, cookies: string): void;
}

/**
 * A transport that keeps cookies as a browser does: each goes back to the origin that set it, and to no other, port
 * included. Node's `fetch` keeps none, and apps with a login or with several replicas need them. Most apps set none: the jar is
 * made for the first cookie.
 */
export function withCookies(transport: Transport): CookieTransport {
  let jars: Jars | undefined;
  let making: Promise<Jars> | undefined;
  const make = async (): Promise<Jars> => {
    const { Jars: Made } = await import("./jar.ts");
    return (jars = new Made());
  };
  const keep = async (url: URL, cookies: readonly string[]): Promise<void> => {
    (await (making ??= make())).keep(url, cookies);
  };
  const kept = async (url: URL, response: Response): Promise<Response> => {
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) await keep(url, cookies);
    return response;
  };
  let given: Promise<void> | undefined;
  return {
    give(url, cookies) {
      const all = cookies.split(";").map((cookie) => `${cookie.trim()}; Path=/`);
      given = keep(url, all);
    },
    ...(transport.openSocket && {
      openSocket: (request) => {
        const headers = new Headers(request.headers);
        jars?.add(new URL(request.url.href.replace(/^ws/, "http")), headers);
        return transport.openSocket!({ ...request, headers });
      },
    }),
    async fetch(request, options) {
      if (given) await given;
      const url = new URL(request.url);
      jars?.add(url, request.headers);
      return await kept(url, await transport.fetch(request, options));
    },
    async upload(upload, onProgress) {
      if (given) await given;
      if (!jars) return await kept(upload.url, await transport.upload(upload, onProgress));
      const headers = new Headers(upload.headers);
      jars.add(upload.url, headers);
      return await kept(upload.url, await transport.upload({ ...upload, headers }, onProgress));
    },
  };
}
