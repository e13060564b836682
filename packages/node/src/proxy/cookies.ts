/** Cookies of one app among the site's cookies. They have a prefix, so that they do not replace cookies of the site. */
export class AppCookies {
  readonly #prefix: string;
  readonly #path: string;

  /**
   * @param app - the app's name in the proxy.
   * @param path - the app's path in the proxy, with a slash at its end.
   */
  constructor(app: string, path: string) {
    this.#prefix = `gradio.${encodeURIComponent(app)}.`;
    this.#path = path;
  }

  /** Returns the app's cookies in the `cookie` header of a request, as a header for the app; `""` without any. */
  forApp(header: string | null): string {
    const pairs = (header ?? "").split(/;\s*/).filter((pair) => pair.startsWith(this.#prefix));
    return pairs.map((pair) => pair.slice(this.#prefix.length)).join("; ");
  }

  /**
   * Converts a cookie that the app sets for the browser: it is renamed, hidden from scripts, and limited to the app's path.
   *
   * @param hidden - names of the cookies of the proxy's own login.
   * @returns the `set-cookie` header; `null` for an invalid cookie, and for one of the proxy's own login.
   */
  forBrowser(setCookie: string, hidden: ReadonlySet<string>, isSecure: boolean): string | null {
    const [pair = "", ...attributes] = setCookie.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || hidden.has(name)) return null;
    const life = attributes.filter((attribute) => /^(max-age|expires)=/i.test(attribute));
    const own = [`Path=${this.#path}`, "HttpOnly", "SameSite=Lax", ...(isSecure ? ["Secure"] : [])];
    return [`${this.#prefix}${pair}`, ...life, ...own].join("; ");
  }
}
