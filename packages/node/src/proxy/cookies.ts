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

  /** The app's cookies of a request, as a header for the app; `""` where it has none. */
  forApp(header: string | null): string {
    const pairs = (header ?? "").split(/;\s*/).filter((pair) => pair.startsWith(this.#prefix));
    return pairs.map((pair) => pair.slice(this.#prefix.length)).join("; ");
  }

  /**
   * A cookie that the app sets, for the browser: renamed, out of reach of scripts, and for the app's path alone. `null` where it is
   * unreadable, or one of the proxy's own login.
   *
   * @param hidden - names of cookies that stay here.
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
