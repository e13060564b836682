import { type App, rendered } from "./app/app.ts";
import type { DuplicateOptions } from "./app/duplicate.ts";
import { loadHub, locateApp } from "./app/locate.ts";
import { hubAddress, parseAppReference } from "./app/reference.ts";
import type { Signature } from "./app/signature.ts";
import type { DialectOf } from "./data/dialect.ts";
import type { LocalFile } from "./data/file-arguments.ts";
import { loadTransfers, takesFiles } from "./data/load-transfers.ts";
import type { DownloadFile, UseFile } from "./data/read.ts";
import { InputError } from "./errors.ts";
import { parsesExactly } from "./http/body.ts";
import { RetryBudget } from "./http/retry.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import {
  checkOptions,
  type ConnectOptions,
  connectOptions,
  type ForkOptions,
  type Logger,
  mergeOptions,
  type OptionTable,
} from "./options.ts";
import { type JoinHeaders, newSessionHash, type Protocol } from "./protocol/protocol.ts";
import type { Transport } from "./transport.ts";

/** Parts that a platform provides. */
export interface Platform {
  /** Sends requests and receives responses. */
  transport: Transport;
  /** Creates a file from a path that was passed for a file parameter. Default: paths are rejected. */
  localFile?: LocalFile | undefined;
  /** Saves a file of an output before the output is emitted, and returns its path. Default: files stay at the app. */
  saveFile?: SaveFile | undefined;
  /** Called with the app's URL before the first request to it. */
  onAddress?: ((base: URL) => void) | undefined;
  /** Returns the function that creates the headers of each submission, where the platform adds any. Called once per client. */
  joinHeaders?: ((app: JoinTarget) => JoinHeaders | undefined | Promise<JoinHeaders | undefined>) | undefined;
}

/** App to whose submissions the platform adds headers. */
export interface JoinTarget {
  /** URL of the app. */
  base: URL;
  /** Whether its name or its URL shows that it is a Space. */
  isSpace: boolean;
  /** URL of the Hub. */
  hub: URL;
  /** Aborted when the client ends. */
  closed: AbortSignal;
}

/** Saves a file on this machine, and returns its path. */
export type SaveFile = UseFile<string>;

/** {@link ConnectOptions} for the client of core, together with the parts of a {@link Platform}. */
export interface CoreConnectOptions extends ConnectOptions, Platform {}

/** A connected app, with everything that calls of it need. */
export interface Connection {
  /** The app as the client's session sees it: functions may render parts of it. */
  app: App;
  /** The app as every session begins with it. */
  readonly initialApp: App;
  /** Query parameters of each call's submission; `undefined` for none. */
  query: URLSearchParams | undefined;
  /** Hub token for functions that take a Hub login. */
  oauthToken: string | undefined;
  http: Http;
  protocol: Protocol;
  /** Returns headers of each submission, which waits for them; `undefined` without headers. */
  joinHeaders: JoinHeaders | undefined;
  /** Returns the error that explains the failure of a call; `null` for an app that is not a Space. */
  diagnose: ((error: unknown) => Promise<unknown>) | null;
  /** Returns the encoding of a component's files. */
  dialect: DialectOf;
  /** Creates a file from a path that was passed for a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Signs the URLs of a private Space's files; `null` for any other app. */
  signature: Signature | null;
  /** Downloads a file of an output before the output is emitted; `undefined` where files stay at the app. */
  downloadFile: DownloadFile | undefined;
  /** Ends the remaining requests. It is aborted last when the client closes. */
  closed: AbortController;
  /** Releases connections that are kept for later requests. */
  release: () => void;
  /** Makes a connection of its own session from this one. */
  fork: (options: ForkOptions, joinHeaders: ForkHeaders | undefined) => Connection;
}

/** Makes the headers that the platform adds to each submission of a fork; see {@link Platform.joinHeaders}. */
export type ForkHeaders = (fork: { closed: AbortSignal }) => JoinHeaders;

const TIMEOUT = 30_000;
const RETRY = { limit: 2, minDelay: 300, maxDelay: 8_000 };
const MEBIBYTE = 1_048_576;
const LIMITS = { event: 64 * MEBIBYTE, body: 256 * MEBIBYTE, depth: 1_000, pendingMessages: 10_000 };

/** Passes a message to a logger. An error that the logger throws is ignored. */
export function logMessage(logger: Logger | undefined, level: keyof Logger, message: string): void {
  try {
    logger?.[level](message);
  } catch {
    // A failing logger must not affect the client.
  }
}

/** Returns the settings that requests to the app and to the Hub share. */
export function httpSettings(
  options: ConnectOptions,
  transport: Transport,
  closed: AbortSignal,
): Omit<HttpSettings, "base"> {
  const { token, headers, timeout = TIMEOUT, retry, limits, bigints, logger } = options;
  return {
    transport,
    credentials: { token, headers },
    timeout,
    retry: { ...mergeOptions(RETRY, retry), budget: new RetryBudget() },
    limits: mergeOptions(LIMITS, limits),
    bigints,
    closed,
    onAnswer:
      logger &&
      ((method, path, status) =>
        // Some paths contain the session hash, which is a secret.
        logMessage(logger, "debug", `${method} ${path.replace(/\/heartbeat\/.*/, "/heartbeat/…")} ${status}`)),
  };
}

/** Updates the app with components that a function rendered, where the function ran in the client's current session. */
export function takeRendered(connection: Connection, sessionHash: string, config: unknown): void {
  if (connection.protocol.sessionHash === sessionHash) connection.app = rendered(connection.app, config);
}

/**
 * Locates and loads an app, and opens its protocol.
 *
 * @param own - options of the platform, besides those of all platforms.
 * @throws InputError before any request; the errors of `Client.connect`.
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
  const { duplicateSpace } = await loadHub();
  const settings = (rest: ConnectOptions): Omit<HttpSettings, "base"> =>
    httpSettings(rest, platform.transport, new AbortController().signal);
  const copied = await duplicateSpace(spaceId, options, { ...connectOptions, ...own }, settings);
  const { space, source, existed, connectOptions: rest } = copied;
  logMessage(
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
  const { oauthToken, logger, signal, hubUrl } = options;
  const { transport, localFile, saveFile, onAddress } = platform;
  const hub = hubAddress(hubUrl);
  const reference = parseAppReference(named, hub);
  if (options.bigints === true && !parsesExactly())
    throw new InputError(
      "The option bigints needs a newer platform, whose JSON.parse gives access to the source text.",
      {
        parameter: "bigints",
      },
    );
  signal?.throwIfAborted();
  const settings = httpSettings(withAuthorization(options, reference.authorization), transport, closed.signal);
  const warn = (sentence: string): void => logMessage(logger, "warn", sentence);
  const { app, diagnose, signature } = await locateApp(reference, options, { settings, hub, onAddress, warn });
  if (saveFile || app.endpoints.some(takesFiles)) await loadTransfers();
  const target = { base: app.base, isSpace: diagnose !== null, hub, closed: closed.signal };
  const joinHeaders = await platform.joinHeaders?.(target);
  const query = mergedQuery(reference.query, options.query);
  const shared = { app, saveFile, query, oauthToken, diagnose, localFile, signature };
  const http = { ...settings, base: app.base };
  const release = (): void => transport.close?.();
  return session(shared, { http, joinHeaders, closed, release, sessionHash: options.sessionHash });
}

/** Returns the query of an address with the parameters of the option; `undefined` without parameters. */
function mergedQuery(address: URLSearchParams, given: ConnectOptions["query"]): URLSearchParams | undefined {
  const query = new URLSearchParams(address);
  const pairs = given instanceof URLSearchParams ? [...given] : Object.entries(given ?? {});
  const added = pairs.filter(([, value]) => value !== undefined);
  for (const [name] of added) query.delete(name);
  for (const [name, value] of added) query.append(name, value);
  return query.size > 0 ? query : undefined;
}

/** Parts of a connection that all sessions share. */
interface SharedParts extends Pick<
  Connection,
  "app" | "query" | "oauthToken" | "diagnose" | "localFile" | "signature"
> {
  saveFile: SaveFile | undefined;
}

/** Parts of a connection that each session has for itself. */
interface SessionParts extends Pick<Connection, "joinHeaders" | "closed" | "release"> {
  http: HttpSettings;
  /** Default: a new one. */
  sessionHash: string | undefined;
}

/** Makes the connection of one session. */
function session(shared: SharedParts, own: SessionParts): Connection {
  const { saveFile, ...parts } = shared;
  const { app, signature } = parts;
  const { joinHeaders, closed, release, sessionHash = newSessionHash() } = own;
  const http = new Http(own.http);
  const downloadFile: DownloadFile | undefined =
    saveFile &&
    (async (file, signal, onProgress) => {
      const { readFile } = await loadTransfers();
      return await readFile(http, file, { signal, onProgress }, saveFile);
    });
  return {
    ...parts,
    initialApp: app,
    http,
    protocol: app.openProtocol(http, sessionHash),
    joinHeaders: signature ? signature.beforeJoin(joinHeaders) : joinHeaders,
    dialect: app.files,
    downloadFile,
    closed,
    release,
    fork: (options, forkHeaders) => session(shared, forkedParts(own, options, forkHeaders)),
  };
}

/** Returns the parts of a fork's session. Closing the fork leaves the connections of the transport open. */
function forkedParts(
  own: SessionParts,
  { sessionHash, headers: added }: ForkOptions,
  forkHeaders: ForkHeaders | undefined,
): SessionParts {
  const closed = new AbortController();
  const { credentials } = own.http;
  const headers = new Headers(credentials.headers);
  new Headers(added).forEach((value, name) => headers.set(name, value));
  return {
    http: { ...own.http, credentials: { ...credentials, headers }, closed: closed.signal },
    joinHeaders: forkHeaders ? forkHeaders({ closed: closed.signal }) : own.joinHeaders,
    closed,
    release: () => undefined,
    sessionHash,
  };
}
