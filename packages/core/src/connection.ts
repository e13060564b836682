import { type App, rendered } from "./app/app.ts";
import type { DuplicateOptions } from "./app/duplicate.ts";
import { loadApp, locateApp } from "./app/locate.ts";
import { hubAddress, parseAppReference } from "./app/reference.ts";
import type { Signature } from "./app/signature.ts";
import type { DialectOf } from "./data/dialect.ts";
import type { LocalFile } from "./data/file-arguments.ts";
import { type DownloadFile, readFile, type UseFile } from "./data/read.ts";
import { ConnectionError, InputError, SessionLostError } from "./errors.ts";
import { RetryBudget } from "./http/retry.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import { loadPart } from "./load.ts";
import {
  checkOptions,
  type ConnectOptions,
  connectOptions,
  type Logger,
  mergeOptions,
  type OptionTable,
} from "./options.ts";
import { AppIdentity, type KnownApp } from "./protocol/app-identity.ts";
import { claimSession } from "./protocol/claim-session.ts";
import { type JoinHeaders, newSessionHash, type Protocol } from "./protocol/protocol.ts";
import type { Transport } from "./transport.ts";

/** What a platform brings. */
export interface Platform {
  /** How bytes leave and arrive. */
  transport: Transport;
  /** Makes a file of a path that is given to a file parameter. Default: paths are refused. */
  localFile?: LocalFile | undefined;
  /** Keeps a file of an output on this machine, before the output is told; says where. Default: files stay at the app. */
  saveFile?: SaveFile | undefined;
  /** Told the app's address before the first request goes there. */
  onAddress?: ((base: URL) => void) | undefined;
  /** Makes the headers that the platform adds to each call's submission, where it adds any. Asked once for each client. */
  joinHeaders?: ((app: JoinTarget) => JoinHeaders | undefined | Promise<JoinHeaders | undefined>) | undefined;
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

/** Keeps a file on this machine, and says where. */
export type SaveFile = UseFile<string>;

/** {@link ConnectOptions} for the platform-free client, with what a platform would bring. */
export interface CoreConnectOptions extends ConnectOptions, Platform {}

/** An app that the client is connected to: what it is, and how calls get there. */
export interface Connection {
  /** As the client's session sees it: functions may render parts of it. */
  app: App;
  /** As every session begins. */
  found: App;
  /** The running app, as requests beside calls recognize it. */
  readonly identity: AppIdentity;
  /** Reads configuration and description anew. */
  readonly refresh: () => Promise<void>;
  /** Hub token for functions that take a Hub login. */
  oauthToken: string | undefined;
  http: Http;
  protocol: Protocol;
  /** What has to be there before a call is sent, and the headers that it gives; `undefined` where nothing has. */
  joinHeaders: JoinHeaders | undefined;
  /** Returns the error that explains the failure of a call; `null` for an app that is not a Space. */
  diagnose: ((error: unknown) => Promise<unknown>) | null;
  /** How the app writes the files of a component. */
  dialect: DialectOf;
  /** Makes a file of a path that is given to a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Signs addresses of a private Space's files; `null` where the app is none. */
  signature: Signature | null;
  /** Downloads a file of an output before the output is emitted; `undefined` where files stay at the app. */
  downloadFile: DownloadFile | undefined;
  /** Ends what is left of requests, with the reason; aborted last of all. */
  closed: AbortController;
}

const TIMEOUT = 30_000;
const RETRY = { limit: 2, minDelay: 300, maxDelay: 8_000 };
const MEBIBYTE = 1_048_576;
const LIMITS = { event: 64 * MEBIBYTE, body: 256 * MEBIBYTE, depth: 1_000, pendingMessages: 10_000 };

/** Tells a logger of something. What it throws is its own affair. */
export function tell(logger: Logger | undefined, level: keyof Logger, message: string): void {
  try {
    logger?.[level](message);
  } catch {
    // Nothing is lost but the line.
  }
}

/** What all requests have in common, to the app and to the Hub. */
export function httpSettings(
  options: ConnectOptions,
  transport: Transport,
  closed: AbortSignal,
): Omit<HttpSettings, "base"> {
  const { token, headers, timeout = TIMEOUT, retry, limits, logger } = options;
  return {
    transport,
    credentials: { token, headers },
    timeout,
    retry: { ...mergeOptions(RETRY, retry), budget: new RetryBudget() },
    limits: mergeOptions(LIMITS, limits),
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
  const closed = new AbortController();
  try {
    return await open(app, options, platform, closed);
  } catch (error) {
    closed.abort(error);
    throw error;
  }
}

/**
 * Copies a Space on the Hub, or finds the existing copy, waits until it runs, and connects to it.
 *
 * @param spaceId - `owner/name`, or the address of the Space's page.
 * @param own - options of the platform, besides those of all platforms.
 * @throws InputError and, without a token, AuthenticationError before any request; SpaceError where the Hub refuses the copy;
 *   the errors of {@link connect}.
 */
export async function duplicate(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  platform: Platform,
  own: OptionTable = {},
): Promise<Connection> {
  const { duplicateSpace } = await loadPart(() => import("./app/duplicate.ts"));
  const settings = (rest: ConnectOptions): Omit<HttpSettings, "base"> =>
    httpSettings(rest, platform.transport, new AbortController().signal);
  const copied = await duplicateSpace(spaceId, options, { ...connectOptions, ...own }, settings);
  const { space, source, existed, connectOptions: rest } = copied;
  tell(
    rest.logger,
    "info",
    `The Space ${space} ${existed ? "exists and is used as it is" : `is a new copy of ${source}`}.`,
  );
  return await connect(space, rest, platform, own);
}

/**
 * Returns the options with the `authorization` header for the user and the password in the address. A header of the caller's
 * own replaces it.
 *
 * @throws InputError where a token is given, too: both are sent in the same header.
 */
function withAuthorization(options: ConnectOptions, authorization: string | null): ConnectOptions {
  if (authorization === null) return options;
  if (options.token !== undefined)
    throw new InputError("Pass either a token, or a user and a password in the address: both need the same header.", {
      parameter: "token",
    });
  const headers = new Headers(options.headers);
  if (!headers.has("authorization")) headers.set("authorization", authorization);
  return { ...options, headers };
}

async function open(
  named: unknown,
  options: ConnectOptions,
  platform: Platform,
  closed: AbortController,
): Promise<Connection> {
  const { sessionHash = newSessionHash(), oauthToken, logger, signal, hubUrl } = options;
  const { transport, localFile, saveFile, onAddress } = platform;
  const hub = hubAddress(hubUrl);
  const reference = parseAppReference(named, hub);
  signal?.throwIfAborted();
  const settings = httpSettings(withAuthorization(options, reference.authorization), transport, closed.signal);
  const warn = (sentence: string): void => tell(logger, "warn", sentence);
  const { app, diagnose, signature } = await locateApp(reference, options, { settings, hub, onAddress, warn });
  const http = new Http({ ...settings, base: app.base });
  const target = { base: app.base, isSpace: diagnose !== null, hub, closed: closed.signal };
  const ownHeaders = await platform.joinHeaders?.(target);
  const joinHeaders = signature ? signature.beforeJoin(ownHeaders) : ownHeaders;
  const claiming = claimSession(app.base, sessionHash, closed.signal);
  // A hash that was made here can be read elsewhere only after this client has told it.
  if (options.sessionHash === undefined) claiming.catch(() => undefined);
  else await claiming;
  const identity = new AppIdentity(http, knownApp(app));
  const protocol = app.openProtocol(http, sessionHash, identity);
  const downloadFile: DownloadFile | undefined =
    saveFile && ((file, given, onProgress) => readFile(http, file, { signal: given, onProgress }, saveFile));
  const files = { dialect: app.files, localFile, downloadFile, signature };
  const refresh = (): Promise<void> =>
    refreshConnection(connection, () => loadApp(app.base, options, { settings, signal: closed.signal }));
  const parts = { oauthToken, http, protocol, identity, refresh, joinHeaders, diagnose, ...files, closed };
  const connection: Connection = { app, found: app, ...parts };
  return connection;
}

/** Facts by which a request recognizes the app. */
function knownApp({ config }: App): KnownApp {
  return { prefix: config.prefix, id: config.raw["app_id"] };
}

async function refreshConnection(connection: Connection, load: () => Promise<App>): Promise<void> {
  const fresh = await load();
  const wire = ({ config: { protocol, prefix, heartbeat }, traits }: App): string =>
    JSON.stringify([protocol, prefix, heartbeat, traits]);
  if (wire(fresh) !== wire(connection.found))
    throw new SessionLostError(
      `The app was replaced by one that is called in another way (Gradio ${fresh.config.version}). Connect to it again.`,
    );
  connection.app = connection.found = fresh;
  connection.identity.replace(knownApp(fresh));
}

/**
 * Confirms that the app is the one that its description is of, where that is not certain; after a redeploy, reads the description
 * anew. Nothing that a call sends comes before.
 *
 * @returns whether the description is the same as before.
 */
export async function confirmApp({ identity, refresh }: Connection): Promise<boolean> {
  try {
    if (identity.isCertain || (await identity.isSame())) return true;
    await refresh();
    return false;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const { message, status, cause } = error;
    throw new ConnectionError(message, { accepted: false, status, cause });
  }
}
