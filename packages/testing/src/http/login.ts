import { API_PREFIX } from "../describe/config.ts";
import type { Handler, ServerContext } from "./server-context.ts";
import { cookieNames, randomToken, userOf } from "./logins.ts";
import { detailReply, jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** Routes of Gradio that need no login. */
const PUBLIC = ["/app_id", "/heartbeat", "/cancel", "/reset", "/stream", "/user", "/startup-events"].map(
  (path) => API_PREFIX + path,
);

/** Returns the response with status 401 if a path needs a login and the request has no login. */
export function requireLogin(request: Request, path: string, server: ServerContext): Response | undefined {
  if (server.settings.auth === null || userOf(request, server) !== null) return undefined;
  const guarded = path.startsWith(API_PREFIX)
    ? !PUBLIC.some((one) => path.startsWith(one))
    : path.startsWith("/config");
  return guarded ? detailReply(401, { error: "Not authenticated", auth_message: null }) : undefined;
}

/** `POST /login` */
export const login: Handler = async (request, _, server) => {
  const { auth } = server.settings;
  const form = await readForm(request);
  const [username, password] = ["username", "password"].map((name) => form?.get(name));
  if (typeof username !== "string" || typeof password !== "string") {
    const missing = { type: "missing", loc: ["body", "username"], msg: "Field required", input: null };
    return detailReply(422, [missing]);
  }
  if (auth === null) return redirectToApp(request, server);
  if (username.trim() !== auth[0] || password !== auth[1]) return detailReply(400, "Incorrect credentials.");
  const { logins } = server;
  const token = randomToken();
  logins.users.set(token, auth[0]);
  const [secure, plain] = cookieNames(logins);
  const reply = jsonReply({ success: true });
  reply.headers.append("set-cookie", `${secure}=${token}; HttpOnly; Path=/; SameSite=none; Secure`);
  reply.headers.append("set-cookie", `${plain}=${token}; HttpOnly; Path=/; SameSite=lax`);
  return reply;
};

/** `GET /logout`: ends all logins of the user. */
export const logout: Handler = (request, _, server) => {
  const user = userOf(request, server);
  for (const [token, name] of server.logins.users) if (name === user) server.logins.users.delete(token);
  return redirectToApp(request, server);
};

/** `GET /gradio_api/user` */
export const getUser: Handler = (request, _, server) => jsonReply(userOf(request, server));

async function readForm(request: Request): Promise<FormData | null> {
  try {
    return await request.formData();
  } catch {
    return null;
  }
}

function redirectToApp(request: Request, { settings }: ServerContext): Response {
  return new Response(null, { status: 302, headers: { location: rootOf(request, settings) } });
}
