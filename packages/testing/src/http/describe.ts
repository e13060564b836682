import { config, writeJson } from "../describe/config.ts";
import { info } from "../describe/info.ts";
import { page } from "../describe/page.ts";
import { estimation } from "../queue/messages.ts";
import type { Handler, ServerContext } from "./server-context.ts";
import { userOf } from "./logins.ts";
import { jsonReply, textReply } from "./replies.ts";
import { rootOf } from "./root.ts";

const configOf = (request: Request, server: ServerContext): Record<string, unknown> => ({
  ...config(server.model, server.settings, server.appId, rootOf(request, server.settings)),
  username: userOf(request, server),
});

const withFullId = (value: unknown, appId: string): Response =>
  new Response(writeJson(value, appId), { headers: { "content-type": "application/json" } });

/** `GET /config` */
export const getConfig: Handler = (request, _, server) => withFullId(configOf(request, server), server.appId);

/** `GET /gradio_api/app_id` */
export const getAppId: Handler = (_, __, server) => withFullId({ app_id: server.appId }, server.appId);

/** `GET /gradio_api/info` */
export const getInfo: Handler = (request, _, server) => {
  const all = /^(true|1|yes|on)$/i.test(new URL(request.url).searchParams.get("all_endpoints") ?? "");
  return jsonReply(info(server.model, all));
};

/** `GET /` */
export const getPage: Handler = (request, _, server) => {
  const loginRequired = server.settings.auth !== null && userOf(request, server) === null;
  const loginConfig = { auth_required: true, auth_message: null, components: [], dependencies: [], title: "Login" };
  const html = page(
    loginRequired ? loginConfig : configOf(request, server),
    loginRequired ? null : info(server.model, true),
    server.appId,
  );
  return new Response(request.method === "HEAD" ? null : html, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
};

/** `GET /gradio_api/queue/status` */
export const getStatus: Handler = (_, __, server) => jsonReply(estimation(null, null, server.queue.size(), null));

/** Creates a handler that always responds with the same value. */
export const always =
  (value: unknown): Handler =>
  () =>
    jsonReply(value);

/** `GET /robots.txt` */
export const robots: Handler = () => textReply("User-agent: *\nDisallow: ");
