import type { Settings } from "../options.ts";

/** The app's own address as a request shows it, without a final slash. Requests can lie, in Gradio as here. */
export function rootOf(request: Request, settings: Settings): string {
  const { rootPath, path } = settings;
  if (/^https?:\/\//.test(rootPath)) return rootPath.replace(/\/+$/, "");
  const { protocol, host: urlHost } = new URL(request.url);
  const first = (name: string): string | undefined => request.headers.get(name)?.split(",")[0]?.trim();
  const forwarded = first("x-forwarded-host");
  const host = forwarded ?? request.headers.get("host") ?? urlHost;
  const secure = first("x-forwarded-proto") === "https" || (forwarded === undefined && protocol === "https:");
  const under = (rootPath === "" ? path : rootPath).replace(/\/+$/, "");
  return `${secure ? "https" : "http"}://${host}${under}`;
}
