import type { HeaderFields, Transport, TransportResponse } from "@gradio-rx/core/platform";
import type { Jars } from "./jar.ts";

/** A transport with a cookie jar. */
export interface CookieTransport extends Transport {
  /** Takes cookies that the caller brings, `a=1; b=2`, for an address. */
  give(url: URL, cookies: string): void;
}

/**
 * A transport that keeps cookies as a browser does: each goes back to the origin that set it, and to no other, port
 * included. Node keeps none by itself, and apps with a login or with several replicas need them. Most apps set none: the jar is
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
  const kept = async (address: string, response: TransportResponse): Promise<TransportResponse> => {
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) await keep(new URL(address), cookies);
    return response;
  };
  const withKept = <Request extends { url: string | URL; headers: HeaderFields }>(request: Request): Request =>
    jars ? { ...request, headers: jars.add(new URL(request.url), request.headers) } : request;
  let given: Promise<void> | undefined;
  return {
    give(url, cookies) {
      const all = cookies.split(";").map((cookie) => `${cookie.trim()}; Path=/`);
      given = keep(url, all);
    },
    ...(transport.openSocket && {
      openSocket: (request) => {
        const { headers } = withKept({ url: request.url.href.replace(/^ws/, "http"), headers: request.headers });
        return transport.openSocket!({ ...request, headers });
      },
    }),
    ...(transport.close && { close: () => transport.close!() }),
    async send(request) {
      if (given) await given;
      return await kept(request.url, await transport.send(withKept(request)));
    },
    async upload(upload, onProgress) {
      if (given) await given;
      return await kept(upload.url.href, await transport.upload(withKept(upload), onProgress));
    },
  };
}
