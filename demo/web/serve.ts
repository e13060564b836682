import type { RunningApp } from "../app.ts";
import { type ServedPage, servePage } from "../page.ts";

/** Serves the page that plays the scenes against an app. */
export function serveDemo({ url, name }: Pick<RunningApp, "url" | "name">): Promise<ServedPage> {
  return servePage(new URL(".", import.meta.url), url, { VITE_GRADIO_APP_NAME: name });
}
