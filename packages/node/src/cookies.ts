import { type HeaderFields, loadPart, type Transport, type TransportResponse } from "@gradio-rx/core/platform";
import type { CookieJar } from "tough-cookie";

/** A transport with a cookie jar. */
export interface CookieTransport extends Transport {
  /** Adds cookies of the caller, as in a `cookie` header (`a=1; b=2`), for the origin of a URL. */
  give(url: URL, cookies: string): void;
}

/**
 * Adds a cookie jar to a transport. Apps with a login or with several replicas need cookies, and Node keeps none. As in a
 * browser, a cookie is sent only to the origin that set it; another port is another origin.
 *
 * Most apps set no cookies, so the jar is loaded with the first cookie.
 */
export function withCookies(transport: Transport): CookieTransport {
  let jars: CookieJars | undefined;
  let loading: Promise<CookieJars> | undefined;
  let given: Promise<void> | undefined;
  const load = async (): Promise<CookieJars> => {
    const { CookieJar: Jar } = await loadPart(() => import("tough-cookie"));
    return (jars = new CookieJars(() => new Jar(undefined, { rejectPublicSuffixes: false })));
  };
  const store = async (url: URL, cookies: readonly string[]): Promise<void> => {
    (await (loading ??= load())).store(url, cookies);
  };
  const stored = async (address: string, response: TransportResponse): Promise<TransportResponse> => {
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) await store(new URL(address), cookies);
    return response;
  };
  const withStored = <Request extends { url: string | URL; headers: HeaderFields }>(request: Request): Request =>
    jars ? { ...request, headers: jars.addTo(request.headers, new URL(request.url)) } : request;
  return {
    give(url, cookies) {
      const all = cookies.split(";").map((cookie) => `${cookie.trim()}; Path=/`);
      given = store(url, all);
    },
    ...(transport.openSocket && {
      openSocket: (request) => {
        const { headers } = withStored({ url: request.url.href.replace(/^ws/, "http"), headers: request.headers });
        return transport.openSocket!({ ...request, headers });
      },
    }),
    reportsProgress: transport.reportsProgress,
    headStart: transport.headStart,
    ...(transport.close && { close: () => transport.close!() }),
    async send(request) {
      if (given) await given;
      return await stored(request.url, await transport.send(withStored(request)));
    },
    async upload(upload, onProgress) {
      if (given) await given;
      return await stored(upload.url.href, await transport.upload(withStored(upload), onProgress));
    },
  };
}

/** The cookies of a client, in a jar for each origin. */
class CookieJars {
  readonly #jars = new Map<string, CookieJar>();
  readonly #make: () => CookieJar;

  constructor(make: () => CookieJar) {
    this.#make = make;
  }

  /** Returns the headers with the cookies of a URL, after those of the caller. */
  addTo(headers: HeaderFields, url: URL): HeaderFields {
    const cookies = this.#of(url).getCookieStringSync(url.href);
    const own = headers["cookie"];
    return cookies === "" ? headers : { ...headers, cookie: own === undefined ? cookies : `${own}; ${cookies}` };
  }

  /** Stores cookies that a URL has set. An invalid cookie is ignored. */
  store(url: URL, cookies: readonly string[]): void {
    for (const cookie of cookies) this.#of(url).setCookieSync(cookie, url.href, { ignoreError: true });
  }

  #of(url: URL): CookieJar {
    const jar = this.#jars.get(url.origin) ?? this.#make();
    this.#jars.set(url.origin, jar);
    return jar;
  }
}
