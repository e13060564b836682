import { type App, findApp, rendered } from "./app/app.ts";
import { login } from "./app/login.ts";
import { type AppReference, hubAddress, isSpaceHost, parseReference } from "./app/reference.ts";
import type { Signature } from "./app/signature.ts";
import { findSpace, readSpace, type SpaceName } from "./app/space.ts";
import type { LocalFile } from "./data/arguments.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import { checkOptions, type ConnectOptions, connectOptions, type Logger, type OptionTable } from "./options.ts";
import { protocolFor } from "./protocol/choose.ts";
import type { JoinHeaders, Protocol } from "./protocol/protocol.ts";
import { newSessionHash } from "./protocol/session-hash.ts";
import { guarded } from "./timers.ts";
import type { Transport } from "./transport.ts";

/** What a platform brings. */
export interface Platform {
  /** How bytes leave and arrive. */
  transport: Transport;
  /** Makes a file of a path that is given to a file parameter. Default: paths are refused. */
  localFile?: LocalFile | undefined;
  /** Told the app's address before the first request goes there. */
  onAddress?: ((base: URL) => void) | undefined;
  /** Makes the headers that the platform adds to each call's submission, where it adds any. Asked once for each client. */
  joinHeaders?: ((app: JoinTarget) => JoinHeaders | undefined) | undefined;
}

/** The app whose calls get headers of the platform. */
export interface JoinTarget {
  /** Its address. */
  base: URL;
  /** Whether it is known to be a Space: by its name, or by its address. */
  isSpace: boolean;
  /** The Hub's address. */
  hub: URL;
  /** Aborted when the client ends. */
  closed: AbortSignal;
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
  /** What has to be there before a call is sent, and the headers that it gives; `undefined` where nothing has. */
  joinHeaders: JoinHeaders | undefined;
  /** Makes a file of a path that is given to a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Signs addresses of a private Space's files; `null` where the app is none. */
  signature: Signature | null;
  /** Ends what is left of requests, with the reason; aborted last of all. */
  closed: AbortController;
}

const TIMEOUT = 30_000;
const SPACE_TIMEOUT = 300_000;

/** Tells a logger of something. What it throws is its own affair. */
export function tell(logger: Logger | undefined, level: keyof Logger, message: string): void {
  try {
    logger?.[level](message);
  } catch {
    // Nothing is lost but the line.
  }
}

/** What all requests have in common, to the app and to the Hub. */
function httpSettings(options: ConnectOptions, transport: Transport, closed: AbortSignal): Omit<HttpSettings, "base"> {
  const { token, headers, timeout = TIMEOUT, retry, logger } = options;
  const { limit = 2, minDelay = 300, maxDelay = 8_000 } = retry ?? {};
  return {
    transport,
    credentials: { token, headers },
    timeout,
    retry: { limit, minDelay, maxDelay },
    closed,
    onAnswer:
      logger &&
      ((method, path, status) =>
        // A session's hash is a secret: it stands in some paths.
        tell(logger, "debug", `${method} ${path.replace(/\/heartbeat\/.*/, "/heartbeat/…")} ${status}`)),
  };
}

/** Takes note of what a function has rendered of the app, where it ran in the client's present session. */
export function takeRendered(connection: Connection, sessionHash: string, config: unknown): void {
  if (connection.protocol.sessionHash === sessionHash) connection.app = rendered(connection.app, config);
}

/** Sends requests to the Hub: it gets the token alone, as the caller's headers are for the app. */
export function hubHttp(options: ConnectOptions, transport: Transport, closed: AbortSignal): Http {
  const settings = httpSettings(options, transport, closed);
  return new Http({ ...settings, base: hubAddress(options.hubUrl), credentials: { token: options.token } });
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
  platform: Platform,
  own: OptionTable = {},
): Promise<Connection> {
  checkOptions("Client.connect", options, { ...connectOptions, ...own });
  const reference = parseReference(app, hubAddress(options.hubUrl));
  options.signal?.throwIfAborted();
  const closed = new AbortController();
  try {
    return await reach(reference, options, platform, closed);
  } catch (error) {
    closed.abort(error);
    throw error;
  }
}

/** From what names the app to a connection. */
async function reach(
  reference: AppReference,
  options: ConnectOptions,
  platform: Platform,
  closed: AbortController,
): Promise<Connection> {
  const { signal, token } = options;
  const settings = httpSettings(options, platform.transport, closed.signal);
  const at = (base: URL): Http => new Http({ ...settings, base });
  const hub = hubHttp(options, platform.transport, closed.signal);
  const base = "url" in reference ? reference.url : await findSpace(hub, reference.space, signal);
  const name = spaceName(reference);
  platform.onAddress?.(base);
  // Only who has a token can be in a private Space.
  const signing = name && token !== undefined ? openSignature(hub, name, base, options.logger) : null;
  const query = { page: options.page, deep_link: options.deepLink };
  const find = async (given: AbortSignal | undefined, repeat: boolean): Promise<App> => {
    if (options.auth !== undefined) await login(at(base), options.auth, { signal: given, repeat });
    return await findApp(base, at, { query, signal: given, repeat });
  };
  const found = name ? await wake(hub, name, options, (given) => find(given, false)) : await find(signal, true);
  const http = at(found.base);
  const signature = await signing;
  const target = { base: found.base, isSpace: name !== null, hub: hub.settings.base, closed: closed.signal };
  const joinHeaders = beforeJoin(platform.joinHeaders?.(target), signature);
  const protocol = await protocolFor(found.config, http, options.sessionHash ?? newSessionHash());
  const { localFile } = platform;
  const { oauthToken } = options;
  return { app: found, found, oauthToken, http, protocol, joinHeaders, localFile, signature, closed };
}

/** What the Hub knows an app by; `null` for one that is no Space. */
function spaceName(reference: AppReference): SpaceName | null {
  if ("space" in reference) return reference;
  return isSpaceHost(reference.url) ? { subdomain: reference.url.hostname.replace(/\.hf\.space$/, "") } : null;
}

/** Finds the app of a Space, when it runs. */
async function wake(
  hub: Http,
  name: SpaceName,
  { signal, spaceTimeout, onSpaceStatus }: ConnectOptions,
  find: (signal: AbortSignal | undefined) => Promise<App>,
): Promise<App> {
  try {
    return await find(signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { untilAwake } = await import("./app/wake.ts");
    return await untilAwake(error, find, {
      look: (given) => readSpace(hub, name, { signal: given }),
      patience: spaceTimeout ?? SPACE_TIMEOUT,
      signal,
      onStatus: onSpaceStatus && ((status) => guarded(onSpaceStatus, status)),
    });
  }
}

async function openSignature(
  hub: Http,
  name: SpaceName,
  base: URL,
  logger: Logger | undefined,
): Promise<Signature | null> {
  const { closed, timeout, retry } = hub.settings;
  const warn = (sentence: string): void => tell(logger, "warn", sentence);
  // Files can be had without: neither connecting nor a call waits long for it.
  const settings = {
    ...hub.settings,
    timeout: Math.min(timeout, 5_000),
    retry: { ...retry, limit: Math.min(retry.limit, 1) },
  };
  const { Signature: Sign } = await import("./app/signature.ts");
  return await Sign.open({ hub: new Http(settings), name, origin: base.origin, closed, warn });
}

function beforeJoin(own: JoinHeaders | undefined, signature: Signature | null): JoinHeaders | undefined {
  if (!signature) return own;
  return async () => {
    const [headers] = await Promise.all([own?.(), signature.fresh()]);
    return headers ?? {};
  };
}
