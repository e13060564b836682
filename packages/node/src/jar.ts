import type { HeaderFields } from "@gradio-rx/core/platform";
import { CookieJar } from "tough-cookie";

/** The cookies of a client, by origin: another port is another one. */
export class Jars {
  readonly #jars = new Map<string, CookieJar>();

  /** Headers with what goes to an address, after the caller's own. */
  add(url: URL, headers: HeaderFields): HeaderFields {
    const kept = this.#of(url).getCookieStringSync(url.href);
    const own = headers["cookie"];
    return kept === "" ? headers : { ...headers, cookie: own === undefined ? kept : `${own}; ${kept}` };
  }

  /** Takes what an address has set. A cookie that cannot be read is one less, not a failure of the request. */
  keep(url: URL, cookies: readonly string[]): void {
    for (const cookie of cookies) this.#of(url).setCookieSync(cookie, url.href, { ignoreError: true });
  }

  #of(url: URL): CookieJar {
    const jar = this.#jars.get(url.origin) ?? new CookieJar(undefined, { rejectPublicSuffixes: false });
    this.#jars.set(url.origin, jar);
    return jar;
  }
}
