import { Refusal } from "./refusal.ts";

/**
 * Checks that a request comes from a page of the site itself, or of a listed origin, so that no other site can use the proxy through its
 * visitors' browsers.
 *
 * @returns the request's origin where it is a listed one, for CORS; else `null`.
 */
export function checkOrigin({ headers, url }: Request, origins: readonly string[]): string | null {
  const origin = headers.get("origin");
  if (origin !== null && origins.includes(origin)) return origin;
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return null;
  const isOwn = origin === null || isHost(origin, [headers.get("host"), new URL(url).host]);
  if (site === null && isOwn) return null;
  throw new Refusal(403, "Pages of other sites may not use this proxy.");
}

function isHost(origin: string, hosts: readonly (string | null)[]): boolean {
  return URL.canParse(origin) && hosts.includes(new URL(origin).host);
}
