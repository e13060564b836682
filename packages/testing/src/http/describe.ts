import { config, writeJson } from "../describe/config.ts";
import { info } from "../describe/info.ts";
import { page } from "../describe/page.ts";
import { estimation } from "../queue/messages.ts";
import type { Handler, House } from "./house.ts";
import { userOf } from "./logins.ts";
import { jsonReply, textReply } from "./replies.ts";
import { rootOf } from "./root.ts";

const configOf = (request: Request, house: House): Record<string, unknown> => ({
  ...config(house.model, house.settings, house.appId, rootOf(request, house.settings)),
  username: userOf(request, house),
});

const inFull = (value: unknown, appId: string): Response =>
  new Response(writeJson(value, appId), { headers: { "content-type": "application/json" } });

/** `GET /config` */
export const getConfig: Handler = (request, _, house) => inFull(configOf(request, house), house.appId);

/** `GET /gradio_api/app_id` */
export const getAppId: Handler = (_, __, house) => inFull({ app_id: house.appId }, house.appId);

/** `GET /gradio_api/info` */
export const getInfo: Handler = (request, _, house) => {
  const all = /^(true|1|yes|on)$/i.test(new URL(request.url).searchParams.get("all_endpoints") ?? "");
  return jsonReply(info(house.model, all));
};

/** `GET /` */
export const getPage: Handler = (request, _, house) => {
  const stranger = house.settings.auth !== null && userOf(request, house) === null;
  const asked = { auth_required: true, auth_message: null, components: [], dependencies: [], title: "Login" };
  const html = page(
    stranger ? asked : configOf(request, house),
    stranger ? null : info(house.model, true),
    house.appId,
  );
  return new Response(request.method === "HEAD" ? null : html, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
};

/** `GET /gradio_api/queue/status` */
export const getStatus: Handler = (_, __, house) => jsonReply(estimation(null, null, house.queue.size(), null));

/** Routes whose answer is always the same. */
export const always =
  (value: unknown): Handler =>
  () =>
    jsonReply(value);

/** `GET /robots.txt` */
export const robots: Handler = () => textReply("User-agent: *\nDisallow: ");
