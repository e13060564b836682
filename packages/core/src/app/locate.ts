import { AuthenticationError, InputError } from "../errors.ts";
import { isFields } from "../fields.ts";
import { Http } from "../http/request.ts";
import { detail } from "../http/errors.ts";
import { loadPart } from "../load.ts";
import type { ConnectOptions, Login } from "../options.ts";
import { type App, findApp, type FindOptions } from "./app.ts";
import type { LoadApp, LocateContext, LocatedApp } from "./locate-space.ts";
import type { AppReference } from "./reference.ts";

/**
 * Locates and loads an app: asks the Hub for the address of a Space, logs in, and reads the configuration. A Space that
 * sleeps is woken.
 */
export async function locateApp(
  reference: AppReference,
  options: ConnectOptions,
  context: LocateContext,
): Promise<LocatedApp> {
  const { onAddress } = context;
  const load: LoadApp = (base, signal, rules) =>
    loadApp(base, options, { settings: context.settings, signal, ...rules });
  if ("url" in reference && !reference.url.hostname.endsWith(".hf.space")) {
    onAddress?.(reference.url);
    return { app: await load(reference.url, options.signal, {}), diagnose: null, signature: null };
  }
  const { locateSpace } = await loadHub();
  return await locateSpace(reference, options, context, load);
}

/** Logs in where the options say so, and reads the configuration and the description of the app at an address. */
export async function loadApp(
  base: URL,
  { auth, page, deepLink }: ConnectOptions,
  rules: Pick<LocateContext, "settings"> & Pick<FindOptions, "signal" | "repeat" | "ahead">,
): Promise<App> {
  const { settings, ...rest } = rules;
  const at = (address: URL): Http => new Http({ ...settings, base: address });
  if (auth !== undefined) await login(at(base), auth, rest);
  return await findApp(base, at, { ...rest, query: { page, deep_link: deepLink } });
}

/**
 * Loads the functions for Spaces, which ask the Hub.
 *
 * @throws ConnectionError with `accepted: false` where they cannot be loaded.
 */
export async function loadHub(): Promise<typeof import("./locate-space.ts")> {
  return await loadPart(() => import("./locate-space.ts"));
}

/**
 * Logs in (PROTOCOL.md, 1.5). The app answers with a cookie, which browsers keep, and in Node the cookie jar of the client.
 *
 * @throws AuthenticationError for a wrong user or password; InputError for an invalid `auth` option.
 */
async function login(
  http: Http,
  auth: Login,
  { signal, repeat = true }: Pick<FindOptions, "signal" | "repeat">,
): Promise<void> {
  await http.send({
    path: "login",
    body: new URLSearchParams(credentials(auth)).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    signal,
    idempotent: repeat,
    // An app without a login redirects to its page, at the address that it believes to have.
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
  throw new InputError("auth must be [user, password] or { username, password }.", { parameter: "auth" });
}
