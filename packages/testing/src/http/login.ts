import { API_PREFIX } from "../describe/config.ts";
import type { Handler, House } from "./house.ts";
import { cookieNames, secret, userOf } from "./logins.ts";
import { detailReply, jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** What the real server answers without a login, too. */
const OPEN = ["/app_id", "/heartbeat", "/cancel", "/reset", "/stream", "/user", "/startup-events"].map(
  (path) => API_PREFIX + path,
);

/** The refusal of a request to a path that wants a login, from somebody without one. */
export function refuseStranger(request: Request, path: string, house: House): Response | undefined {
  if (house.settings.auth === null || userOf(request, house) !== null) return undefined;
  const guarded = path.startsWith(API_PREFIX) ? !OPEN.some((one) => path.startsWith(one)) : path.startsWith("/config");
  return guarded ? detailReply(401, { error: "Not authenticated", auth_message: null }) : undefined;
}

/** `POST /login` */
export const login: Handler = async (request, _, house) => {
  const { auth } = house.settings;
  const form = await readForm(request);
  const [username, password] = ["username", "password"].map((name) => form?.get(name));
  if (typeof username !== "string" || typeof password !== "string") {
    const missing = { type: "missing", loc: ["body", "username"], msg: "Field required", input: null };
    return detailReply(422, [missing]);
  }
  if (auth === null) return goHome(request, house);
  if (username.trim() !== auth[0] || password !== auth[1]) return detailReply(400, "Incorrect credentials.");
  const { logins } = house;
  const token = secret();
  logins.users.set(token, auth[0]);
  const [secure, plain] = cookieNames(logins);
  const reply = jsonReply({ success: true });
  reply.headers.append("set-cookie", `${secure}=${token}; HttpOnly; Path=/; SameSite=none; Secure`);
  reply.headers.append("set-cookie", `${plain}=${token}; HttpOnly; Path=/; SameSite=lax`);
  return reply;
};

/** `GET /logout`: ends every session of that user. */
export const logout: Handler = (request, _, house) => {
  const user = userOf(request, house);
  for (const [token, name] of house.logins.users) if (name === user) house.logins.users.delete(token);
  return goHome(request, house);
};

/** `GET /gradio_api/user` */
export const getUser: Handler = (request, _, house) => jsonReply(userOf(request, house));

async function readForm(request: Request): Promise<FormData | null> {
  try {
    return await request.formData();
  } catch {
    return null;
  }
}

function goHome(request: Request, { settings }: House): Response {
  return new Response(null, { status: 302, headers: { location: rootOf(request, settings) } });
}
