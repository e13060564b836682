import { InputError, type Login } from "@gradio-rx/core";

/** A token, or a function that returns the token for a request. */
export type ProxyToken = string | ((request: Request) => string | Promise<string>);

/** An app behind the proxy. */
export interface ProxiedApp {
  /** URL of the app, or Space id `owner/name`. */
  app: string;
  /** Hugging Face token for this app. Default: the token of the proxy. Sent to the app and to the Hub. */
  token?: ProxyToken | undefined;
  /** User and password of an app with a login. The proxy logs in; visitors receive neither password nor cookie. */
  auth?: Login | undefined;
  /** Additional headers for the app. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** API names of the endpoints that may be called. Default: all. With a list, server functions of components cannot be called. */
  endpoints?: readonly string[] | undefined;
}

/** Options of {@link gradioProxy}. */
export interface GradioProxyOptions {
  /** The apps that may be reached: Space ids, or names with a Space id, a URL, or {@link ProxiedApp}. Nothing else can be reached. */
  apps: readonly string[] | Readonly<Record<string, string | ProxiedApp>>;
  /** Hugging Face token, sent to apps and to the Hub, never to browsers. */
  token?: ProxyToken | undefined;
  /** Path that the proxy is mounted at. Default `/api/gradio`. */
  path?: string | undefined;
  /** Origins whose pages may use the proxy in addition to its own. They receive CORS headers. Default none. */
  origins?: readonly string[] | undefined;
  /**
   * Decides on each request. `false` answers 403; a `Response` is the answer.
   *
   * @param target - the app's name in `apps`, and the API name of the endpoint that is called, `null` for another request.
   */
  authorize?:
    | ((
        request: Request,
        target: { app: string; endpoint: string | null },
      ) => boolean | Response | Promise<boolean | Response>)
    | undefined;
  /** Names of additional request headers that are forwarded. Default none. Cookies and credentials of the site are never forwarded. */
  forward?: readonly string[] | undefined;
  /** Maximum number of bytes: of the data of a call (default 16 MiB), and of one upload (default 256 MiB). */
  limits?: { body?: number | undefined; upload?: number | undefined } | undefined;
}

/** Options with their defaults. */
export interface ProxySettings {
  apps: ReadonlyMap<string, ProxiedApp>;
  path: string;
  origins: readonly string[];
  authorize: GradioProxyOptions["authorize"];
  forward: readonly string[];
  limits: { body: number; upload: number };
}

const MEBIBYTE = 1_048_576;
const known = ["apps", "token", "path", "origins", "authorize", "forward", "limits"];

/** Headers that are never forwarded: they belong to the connection, or are credentials of the site. */
const notForwarded = [
  "authorization",
  "cookie",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "upgrade",
];

/** Reads the options. Throws InputError for an unknown option or an invalid value. */
export function readOptions(options: GradioProxyOptions): ProxySettings {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InputError(`gradioProxy has no option ${JSON.stringify(unknown)}. Its options: ${known.join(", ")}.`, {
      parameter: unknown,
    });
  const { path = "/api/gradio", origins = [], authorize, forward = [], limits = {} } = options;
  const apps = readApps(options);
  if (apps.size === 0)
    throw new InputError("gradioProxy needs at least one app in its option apps.", { parameter: "apps" });
  const secret = forward.find((name) => notForwarded.includes(name.toLowerCase()));
  if (secret !== undefined)
    throw new InputError(`The header ${JSON.stringify(secret)} cannot be forwarded.`, { parameter: "forward" });
  return {
    apps,
    path: path
      .split("/")
      .filter((part) => part !== "")
      .map((part) => `/${part}`)
      .join(""),
    origins: origins.map(originOf),
    authorize,
    forward: forward.map((name) => name.toLowerCase()),
    limits: { body: limits.body ?? 16 * MEBIBYTE, upload: limits.upload ?? 256 * MEBIBYTE },
  };
}

function readApps({ apps, token }: GradioProxyOptions): Map<string, ProxiedApp> {
  const entries: [string, string | ProxiedApp][] = Array.isArray(apps)
    ? apps.map((id: string): [string, string] => [id, id])
    : Object.entries(apps as Readonly<Record<string, string | ProxiedApp>>);
  return new Map(
    entries.map(([name, given]) => {
      const app = typeof given === "string" ? { app: given } : given;
      if (!/^[\w.-]+(\/[\w.-]+)*$/.test(name) || name.split("/").some((part) => /^\.+$/.test(part)))
        throw new InputError(`The app name ${JSON.stringify(name)} cannot be part of a path.`, { parameter: "apps" });
      return [name, { ...app, token: app.token ?? token }];
    }),
  );
}

function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin !== "null") return new URL(text).origin;
  throw new InputError(`${JSON.stringify(text)} is not an origin, such as https://example.com.`, {
    parameter: "origins",
  });
}
