import { fieldsOf } from "./status.ts";

/** The app whose own page the program runs in: the page contains the configuration of its app. */
export interface OwnApp {
  url: URL;
  /** Paths of its pages relative to {@link url}; `""` for the first. */
  pages: string[];
}

/** Returns the app whose own page the program runs in; `null` elsewhere. */
export function ownApp(): OwnApp | null {
  if (typeof window === "undefined" || typeof location === "undefined") return null;
  const { root, page } = fieldsOf(Reflect.get(window, "gradio_config"));
  if (typeof root !== "string" || !URL.canParse(root || "/", location.href)) return null;
  // The app may not know the host that it is reached at, so its address contributes the path alone.
  const { pathname } = new URL(root || "/", location.href);
  const url = new URL(`${pathname.replace(/\/+$/, "")}/`, location.origin);
  return { url, pages: Object.keys(fieldsOf(page)) };
}

/** Returns the address of the app where a reference is one of its pages, and the program runs in one of them; else the reference. */
export function appOfPage(reference: string): string {
  const app = ownApp();
  if (!app || !URL.canParse(reference)) return reference;
  const { origin, pathname } = new URL(reference);
  if (origin !== app.url.origin || !pathname.startsWith(app.url.pathname)) return reference;
  const page = pathname.slice(app.url.pathname.length).replace(/\/+$/, "");
  const isPage = page !== "" && app.pages.some((one) => one === page || encodeURI(one) === page);
  return isPage ? app.url.href : reference;
}
