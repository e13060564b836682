import { Refusal } from "./refusal.ts";

/** Kind of a forwarded request. It decides how the body is handled. */
export type RouteKind = "read" | "call" | "component" | "upload" | "small";

/** A request to an app: its path under the app, and its kind. */
export interface Route {
  /** Path under the app as it was received, without its query. */
  path: string;
  kind: RouteKind;
  /** Endpoint that the path names, with its slash; `null` where the body does. */
  endpoint: string | null;
  /** Whether the app takes the endpoint from the path, even if the body has an index: `call/<name>`. */
  isNamed: boolean;
}

const reads = [
  /^(config|info|app_id)$/,
  /^queue\/data$/,
  /^heartbeat\/[^/]+$/,
  /^file[=/].+$/,
  /^stream\/[^/]+(\/[^/]+)*$/,
  // `call/v2/<name>` is another route of Gradio, which the SDK does not use.
  /^call\/(?!v2\/[^/]+\/)[^/]+(\/[^/]+)*\/[^/]+$/,
];
const posts: readonly (readonly [RegExp, RouteKind])[] = [
  [/^queue\/join$/, "call"],
  // Gradio ignores a slash at the end, and would run an endpoint of another name than the one that is checked.
  [/^(call\/(?!v2\/)|run\/|api\/)[^/]+(\/[^/]+)*$/, "call"],
  [/^component_server$/, "component"],
  [/^upload$/, "upload"],
  [/^(cancel|reset)$/, "small"],
  [/^stream\/[^/]+(\/close)?$/, "small"],
];

/**
 * Finds the route of a request. Only routes that the SDK uses are forwarded.
 *
 * @param method - GET, HEAD or POST.
 * @param path - path under the app, percent-encoded, without its query.
 */
export function routeOf(method: string, path: string): Route {
  const name = plainPath(path).replace(/^gradio_api\//, "");
  if (method === "GET" || method === "HEAD") {
    if (!reads.some((pattern) => pattern.test(name))) throw new Refusal(403, "The proxy does not allow this path.");
    if (/^file[=/]/.test(name)) checkFile(name.slice(5));
    const isNamed = name.startsWith("call/");
    return { path, kind: "read", endpoint: isNamed ? nameIn(name, true) : null, isNamed };
  }
  const kind = method === "POST" ? posts.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  if (!kind) throw new Refusal(403, "The proxy does not allow this path.");
  const endpoint = /^(call|run|api)\//.test(name) ? nameIn(name, false) : null;
  return { path, kind, endpoint, isNamed: name.startsWith("call/") };
}

/** Returns the decoded path. Throws a refusal for a path that could leave the app, however it is decoded. */
function plainPath(path: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw new Refusal(403, "The path is not readable.");
  }
  const parts = decoded.replace(/^(gradio_api\/)?file[=/]/, "").split("/");
  const isOdd = decoded.includes("\\") || hasControls(decoded) || parts.includes(".") || parts.includes("..");
  // A server behind the proxy could decode an encoded slash or dot. In the path of a file it is decoded already.
  const isEncoded = /%(2f|5c|2e|25)/i.test(path) && !/^(gradio_api\/)?file[=/]/.test(decoded);
  if (isOdd || isEncoded) throw new Refusal(403, "The path leads to a URL outside of the app.");
  return decoded;
}

function hasControls(text: string): boolean {
  return Array.from(text).some((character) => character < " " || character === "\u007f");
}

/** Rejects a URL in place of a file's path, because the app would download it. */
function checkFile(path: string): void {
  if (/^[\s/]*[a-z][a-z0-9+.-]+:/i.test(path) || path.trimStart().startsWith("//"))
    throw new Refusal(403, "The proxy does not allow files of other servers.");
}

function nameIn(path: string, hasEvent: boolean): string {
  const parts = path.split("/").slice(1);
  return `/${(hasEvent ? parts.slice(0, -1) : parts).join("/")}`;
}
