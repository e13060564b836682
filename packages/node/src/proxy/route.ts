import { Refusal } from "./refusal.ts";

/** Kind of a request that is passed on; it decides how the body is treated. */
export type RouteKind = "read" | "call" | "component" | "upload" | "small";

/** A request to an app: the part of the path behind the app, and what it asks for. */
export interface Route {
  /** Path under the app, as it came, without its query. */
  path: string;
  kind: RouteKind;
  /** Endpoint that the path names, with its slash; `null` where the body does. */
  endpoint: string | null;
}

const reads = [
  /^(config|info|app_id)$/,
  /^queue\/data$/,
  /^heartbeat\/[^/]+$/,
  /^file[=/].+$/,
  /^stream\/.+$/,
  /^call\/[^/]+(\/[^/]+)*\/[^/]+$/,
];
const posts: readonly (readonly [RegExp, RouteKind])[] = [
  [/^queue\/join$/, "call"],
  [/^(call|run|api)\/.+$/, "call"],
  [/^component_server$/, "component"],
  [/^upload$/, "upload"],
  [/^(cancel|reset)$/, "small"],
  [/^stream\/[^/]+(\/close)?$/, "small"],
];

/**
 * Finds the route of a request. Only those that the SDK uses are passed on.
 *
 * @param method - GET, HEAD or POST.
 * @param path - path under the app, percent-encoded, without its query.
 */
export function routeOf(method: string, path: string): Route {
  const name = plainPath(path).replace(/^gradio_api\//, "");
  if (method === "GET" || method === "HEAD") {
    if (!reads.some((pattern) => pattern.test(name))) throw new Refusal(403, "This path of the app is not open.");
    if (/^file[=/]/.test(name)) checkFile(name.slice(5));
    return { path, kind: "read", endpoint: name.startsWith("call/") ? nameIn(name, true) : null };
  }
  const kind = method === "POST" ? posts.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  if (!kind) throw new Refusal(403, "This path of the app is not open.");
  return { path, kind, endpoint: /^(call|run|api)\//.test(name) ? nameIn(name, false) : null };
}

/** The decoded path, where it stays under the app however it is decoded. */
function plainPath(path: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw new Refusal(403, "The path is not readable.");
  }
  const parts = decoded.replace(/^(gradio_api\/)?file[=/]/, "").split("/");
  const isOdd = decoded.includes("\\") || hasControls(decoded) || parts.includes(".") || parts.includes("..");
  // An encoded slash or dot could become one behind the proxy; in a file's path it is one already.
  const isEncoded = /%(2f|5c|2e|25)/i.test(path) && !/^(gradio_api\/)?file[=/]/.test(decoded);
  if (isOdd || isEncoded || decoded.startsWith("/")) throw new Refusal(403, "The path leads out of the app.");
  return decoded;
}

function hasControls(text: string): boolean {
  return Array.from(text).some((character) => character < " " || character === "\u007f");
}

/** An app would fetch an address that stands in the place of a file's path. */
function checkFile(path: string): void {
  const text = path.trimStart();
  if (text.startsWith("//") || /^\/?[a-z][a-z0-9+.-]+:/i.test(text))
    throw new Refusal(403, "A file of another server is not open.");
}

function nameIn(path: string, hasEvent: boolean): string {
  const parts = path.split("/").slice(1);
  return `/${(hasEvent ? parts.slice(0, -1) : parts).join("/")}`;
}
