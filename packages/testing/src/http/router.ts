import { API_PREFIX } from "../describe/config.ts";
import { cancel, chunk, closeStream, heartbeat, reset } from "./control.ts";
import { allowOrigin, preflight } from "./cors.ts";
import { always, getAppId, getConfig, getInfo, getPage, getStatus, robots } from "./describe.ts";
import { run } from "./direct.ts";
import { serveFile, upload } from "./files.ts";
import { getUser, login, logout, requireLogin } from "./login.ts";
import { serveStream } from "./media-streams.ts";
import type { Handler, ServerContext, PathValues } from "./server-context.ts";
import { join, namedJoin, simpleJoin } from "./join.ts";
import { readQueue, readSimple } from "./read-queue.ts";
import { detailReply, internalError } from "./replies.ts";

/** One route: methods, path with named parts in braces (a part named `path` may contain slashes), and handler. */
type Route = [methods: string, path: string, handler: Handler];

const ROUTES: readonly Route[] = [
  ["GET, HEAD", "/", getPage],
  ["GET", "/config", getConfig],
  ["GET", "/config/", getConfig],
  ["GET", "/robots.txt", robots],
  ["GET", "/gradio_api/info", getInfo],
  ["GET", "/gradio_api/info/", getInfo],
  ["GET", "/gradio_api/app_id", getAppId],
  ["GET", "/gradio_api/app_id/", getAppId],
  ["POST", "/login", login],
  ["POST", "/login/", login],
  ["GET", "/logout", logout],
  ["GET", "/gradio_api/user", getUser],
  ["GET", "/gradio_api/startup-events", always(false)],
  ["GET", "/gradio_api/deep_link", always("")],
  ["POST", "/gradio_api/queue/join", join],
  ["GET", "/gradio_api/queue/data", readQueue],
  ["GET", "/gradio_api/queue/status", getStatus],
  ["POST", "/gradio_api/cancel", cancel],
  ["POST", "/gradio_api/reset", reset],
  ["POST", "/gradio_api/reset/", reset],
  ["GET", "/gradio_api/heartbeat/{session_hash}", heartbeat],
  ["POST", "/gradio_api/upload", upload],
  ["GET, HEAD", "/gradio_api/file={path}", serveFile],
  ["GET", "/gradio_api/stream/{session_hash}/{run}/{component_id}/{name}", serveStream],
  ["POST", "/gradio_api/stream/{event_id}", chunk],
  ["POST", "/gradio_api/stream/{event_id}/close", closeStream],
  ["POST", "/gradio_api/run/{name}", run],
  ["POST", "/gradio_api/run/{name}/", run],
  ["POST", "/gradio_api/api/{name}", run],
  ["POST", "/gradio_api/api/{name}/", run],
  ["POST", "/gradio_api/call/v2/{name}", namedJoin],
  ["POST", "/gradio_api/call/{name}", simpleJoin],
  ["GET", "/gradio_api/call/v2/{name}/{event_id}", readSimple],
  ["GET", "/gradio_api/call/{name}/{event_id}", readSimple],
];

const PATTERNS = ROUTES.map(([methods, path, handler]) => ({ methods, path, handler, pattern: pattern(path) }));

/** A request that the app received. */
export interface SeenRequest {
  method: string;
  /** Path without the one at which the app is mounted; with `/gradio_api`. */
  path: string;
  /** Pattern of the route without `/gradio_api`, such as `"/heartbeat/{session_hash}"`; `undefined` for an unknown path. */
  route: string | undefined;
}

/** Responds to any request; does not throw. */
export async function answer(
  request: Request,
  server: ServerContext,
  seen: (request: SeenRequest) => void,
): Promise<Response> {
  const path = pathWithin(request, server.settings.path);
  const matching = path === undefined ? [] : PATTERNS.filter((route) => route.pattern.test(path));
  const route = matching.find(({ methods }) => methods.split(", ").includes(request.method));
  const known = (route ?? matching[0])?.path.replace(API_PREFIX, "");
  seen({ method: request.method, path: path ?? new URL(request.url).pathname, route: known });
  const early = preflight(request);
  if (early !== undefined) return early;
  if (path === "") return allowOrigin(request, redirect(request));
  if (path === undefined || matching.length === 0) return allowOrigin(request, detailReply(404, "Not Found"));
  if (route === undefined) return allowOrigin(request, notAllowed(request, matching[0]?.methods ?? ""));
  try {
    const refused = requireLogin(request, path, server);
    if (refused !== undefined) return allowOrigin(request, refused);
    const values = pathValues(route.pattern, path);
    return allowOrigin(request, await route.handler(request, values, server));
  } catch {
    return internalError();
  }
}

function notAllowed(request: Request, methods: string): Response {
  const reply = detailReply(405, "Method Not Allowed", { allow: methods });
  return request.method === "HEAD" ? new Response(null, reply) : reply;
}

/** Redirects from the URL of a mounted app without a slash to the one with a slash. */
function redirect(request: Request): Response {
  const url = new URL(request.url);
  return new Response(null, { status: 307, headers: { location: `${url.origin}${url.pathname}/${url.search}` } });
}

function pathWithin(request: Request, mount: string): string | undefined {
  const { pathname } = new URL(request.url);
  return pathname === mount || pathname.startsWith(`${mount}/`) ? pathname.slice(mount.length) : undefined;
}

function pathValues(expression: RegExp, path: string): PathValues {
  const groups = Object.entries(expression.exec(path)?.groups ?? {});
  return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
}

function pattern(path: string): RegExp {
  const escaped = path.replaceAll(/[.]/g, String.raw`\.`);
  const named = escaped.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => `(?<${name}>${name === "path" ? ".+" : "[^/]+"})`,
  );
  return new RegExp(`^${named}$`);
}
