import { type App, findApp, rendered } from "./app/app.ts";
import { login } from "./app/login.ts";
import { parseReference } from "./app/reference.ts";
import { findSpace } from "./app/space.ts";
import type { LocalFile } from "./data/arguments.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import { checkOptions, type ConnectOptions, connectOptions, type Logger, type OptionTable } from "./options.ts";
import { protocolFor } from "./protocol/choose.ts";
import type { Protocol } from "./protocol/protocol.ts";
import { newSessionHash } from "./protocol/session-hash.ts";
import type { Transport } from "./transport.ts";

/** What a platform brings. */
export interface Platform {
  /** How bytes leave and arrive. */
  transport: Transport;
  /** Makes a file of a path that is given to a file parameter. Default: paths are refused. */
  localFile?: LocalFile | undefined;
}

/** {@link ConnectOptions} for the platform-free client, with what a platform would bring. */
export interface CoreConnectOptions extends ConnectOptions, Platform {}

/** An app that the client is connected to: what it is, and how calls get there. */
export interface Connection {
  /** As the client's session sees it: functions may render parts of it. */
  app: App;
  /** As every session begins. */
  readonly found: App;
  /** Hub token for functions that take a Hub login. */
  oauthToken: string | undefined;
  http: Http;
  protocol: Protocol;
  /** Makes a file of a path that is given to a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Ends what is left of requests, with the reason; aborted last of all. */
  closed: AbortController;
}

const TIMEOUT = 30_000;
const HUB = "https://huggingface.co";

/** Tells a logger of each answer. What it throws is its own affair. */
function reporter(logger: Logger): HttpSettings["onAnswer"] {
  return (method, path, status) => {
    try {
      // A session's hash is a secret: it stands in some paths.
      logger.debug(`${method} ${path.replace(/\/heartbeat\/.*/, "/heartbeat/…")} ${status}`);
    } catch {
      // Nothing is lost but the line.
    }
  };
}

/** Takes note of what a function has rendered of the app, where it ran in the client's present session. */
export function takeRendered(connection: Connection, sessionHash: string, config: unknown): void {
  if (connection.protocol.sessionHash === sessionHash) connection.app = rendered(connection.app, config);
}

/**
 * Finds the app, and gets ready to call it.
 *
 * @param own - options that the platform has beyond those of all platforms.
 * @throws InputError before any request; whatever went wrong after.
 */
export async function connect(
  app: unknown,
  options: ConnectOptions,
  { transport, localFile }: Platform,
  own: OptionTable = {},
): Promise<Connection> {
  checkOptions("Client.connect", options, { ...connectOptions, ...own });
  const hub = new URL(`${(options.hubUrl ?? HUB).replace(/\/+$/, "")}/`);
  const reference = parseReference(app, hub);
  options.signal?.throwIfAborted();
  const closed = new AbortController();
  const settings: Omit<HttpSettings, "base"> = {
    transport,
    credentials: { token: options.token, headers: options.headers },
    timeout: options.timeout ?? TIMEOUT,
    retry: {
      limit: options.retry?.limit ?? 2,
      minDelay: options.retry?.minDelay ?? 300,
      maxDelay: options.retry?.maxDelay ?? 8_000,
    },
    closed: closed.signal,
    onAnswer: options.logger && reporter(options.logger),
  };
  const at = (base: URL): Http => new Http({ ...settings, base });
  const { signal } = options;
  // The caller's headers are for the app; the Hub gets the token alone.
  const ofHub = (): Http => new Http({ ...settings, base: hub, credentials: { token: options.token } });
  const base = "url" in reference ? reference.url : await findSpace(ofHub(), reference.space, signal);
  if (options.auth !== undefined) await login(at(base), options.auth);
  const query = { page: options.page, deep_link: options.deepLink };
  const found = await findApp(base, at, { query, signal });
  const http = at(found.base);
  const protocol = await protocolFor(found.config, http, options.sessionHash ?? newSessionHash());
  return { app: found, found, oauthToken: options.oauthToken, http, protocol, localFile, closed };
}
