import type { Settings } from "../options.ts";

/** Returns the app's URL as the request has it, without a final slash. As in Gradio, the request's headers are trusted. */
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
