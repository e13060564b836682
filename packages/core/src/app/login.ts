import { AuthenticationError, InputError } from "../errors.ts";
import { isFields } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { detail } from "../http/errors.ts";
import type { Login } from "../options.ts";

/**
 * Logs in (PROTOCOL.md, 1.5). What proves it afterwards is a cookie, which the platform keeps: browsers by themselves, Node
 * by a jar of its own.
 *
 * @throws AuthenticationError where user or password are wrong; InputError for what is no login.
 */
export async function login(
  http: Http,
  auth: Login,
  { signal, repeat }: { signal: AbortSignal | undefined; repeat: boolean },
): Promise<void> {
  await http.send({
    path: "login",
    body: new URLSearchParams(credentials(auth)).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    signal,
    idempotent: repeat,
    // An app without a login sends on to its page, wherever it believes that to be.
    redirect: "manual",
    toError: ({ status, body }) =>
      status === 400 || status === 401
        ? new AuthenticationError(`The app refused the login: ${detail(body)}`, { status })
        : undefined,
  });
}

function credentials(auth: unknown): { username: string; password: string } {
  const [username, password]: unknown[] = Array.isArray(auth)
    ? auth
    : isFields(auth)
      ? [auth["username"], auth["password"]]
      : [];
  if (typeof username === "string" && typeof password === "string") return { username, password };
  throw new InputError("auth must be [user, password], or { username, password }.", { parameter: "auth" });
}
