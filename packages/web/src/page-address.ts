/**
 * Resolves a relative address (`/gradio`, `./app`, `../app`, `//host/app`) against the address of the page or the worker. Other
 * names of apps are returned as they are; `app` without a slash before it could be the id of a Space.
 */
export function pageAddress<App>(app: App): App | string {
  if (typeof app !== "string" || !/^\s*\.{0,2}\//.test(app)) return app;
  const base =
    typeof document !== "undefined" ? document.baseURI : typeof location !== "undefined" ? location.href : "";
  return URL.canParse(app.trim(), base) ? new URL(app.trim(), base).href : app;
}
