import { type App, CurrentApp, rendered } from "./app/app.ts";
import type { DuplicateOptions } from "./app/duplicate.ts";
import { loadApp, loadHub, locateApp } from "./app/locate.ts";
import { hubAddress, parseAppReference } from "./app/reference.ts";
import type { Signature } from "./app/signature.ts";
import type { DialectOf } from "./data/dialect.ts";
import type { LocalFile } from "./data/file-arguments.ts";
import { loadedTransfers, loadTransfers, takesFiles } from "./data/load-transfers.ts";
import type { OutputFileLimits, OutputFiles, UseFile } from "./data/read.ts";
import { InputError } from "./errors.ts";
import { mergeOptions } from "./fields.ts";
import { parsesExactly } from "./http/body.ts";
import { printable } from "./http/redaction.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import { RetryBudget } from "./http/retry.ts";
import { headerSecrets, Secrets } from "./http/secrets.ts";
import {
  checkOptions,
  type ConnectOptions,
  connectOptions,
  type ForkOptions,
  type Logger,
  type OptionTable,
} from "./options.ts";
import { type ClaimName, claimSession } from "./protocol/claim-session.ts";
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
  /** Limits for the files that are saved. */
  outputFileLimits?: OutputFileLimits | undefined;
  /** Called with the app's URL before the first request to it. */
  onAddress?: ((base: URL) => void) | undefined;
  /** Returns the function that creates the headers of each submission, where the platform adds any. Called once per client. */
  joinHeaders?: ((app: JoinTarget) => JoinHeaders | undefined | Promise<JoinHeaders | undefined>) | undefined;
  /** Claims a session in other pages and workers. Default: sessions are claimed in this process alone. */
  claimName?: ClaimName | undefined;
  /** Secrets in the options that only the platform has. */
  secrets?: readonly string[] | undefined;
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
  /** The app at the beginning of the session, without rendered parts. */
  initialApp: App;
  /** The app that runs now, which may have been redeployed. */
  readonly current: CurrentApp;
  /** Resolves when no other page or worker reads the session; rejects with an InputError where one does. */
  readonly claimed: Promise<void>;
  /** Claims sessions in other pages and workers. */
  readonly claimName: ClaimName | undefined;
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
  /** Downloads the files of an output before the output is emitted; `undefined` where files stay at the app. */
  outputFiles: OutputFiles | undefined;
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
const LIMITS = {
  event: 64 * MEBIBYTE,
  body: 256 * MEBIBYTE,
  depth: 1_000,
  pendingMessages: 10_000,
  pendingBytes: 64 * MEBIBYTE,
  logs: 4 * MEBIBYTE,
};

/** Returns a function that writes a line to a logger, without secrets and control characters. An error of the logger is ignored. */
function lineWriter(logger: Logger, secrets: Secrets): (level: keyof Logger, message: string) => void {
  return (level, message) => {
    try {
      logger[level](printable(secrets.remove(message)));
    } catch {
      // Only the line is lost.
    }
  };
}

/** Yields the secrets of the options. Options that were not checked may have any type. */
function* optionSecrets({ token, auth, headers, oauthToken, sessionHash }: ConnectOptions): Generator {
  yield* [token, oauthToken, sessionHash];
  if (headers !== undefined) yield* headerSecrets(new Headers(headers));
  if (auth !== undefined) yield Array.isArray(auth) ? auth[1] : Reflect.get(auth, "password");
}

/** Returns the settings that requests to the app and to the Hub share. */
function httpSettings(
  options: ConnectOptions,
  transport: Transport,
  { closed, secrets }: Pick<HttpSettings, "closed" | "secrets">,
): Omit<HttpSettings, "base"> {
  const { token, headers, timeout = TIMEOUT, retry, limits, bigints, logger } = options;
  const write = logger && lineWriter(logger, secrets);
  return {
    transport,
    secrets,
    credentials: { token, headers },
    timeout,
    retry: { ...mergeOptions(RETRY, retry), budget: new RetryBudget() },
    limits: mergeOptions(LIMITS, limits),
    bigints,
    closed,
    onAnswer: write && ((method, path, status) => write("debug", `${method} ${path} ${status}`)),
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
  const secrets = secretsOf(options, platform);
  try {
    return await open(app, options, platform, { closed, secrets });
  } catch (error) {
    closed.abort(error);
    throw secrets.hide(error);
  }
}

/** Collects the secrets of the options. */
function secretsOf(options: ConnectOptions & DuplicateOptions, { secrets = [] }: Platform): Secrets {
  const all = [...optionSecrets(options), ...Object.values(options.secrets ?? {}), ...secrets];
  return new Secrets(all.filter((secret) => typeof secret === "string"));
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
    httpSettings(rest, platform.transport, {
      closed: new AbortController().signal,
      secrets: secretsOf(options, platform),
    });
  const copied = await duplicateSpace(spaceId, options, { ...connectOptions, ...own }, settings);
  const { space, source, existed, connectOptions: rest } = copied;
  const secrets = secretsOf(options, platform);
  const state = existed ? "exists and is used as it is" : `is a new copy of ${source}`;
  if (rest.logger) lineWriter(rest.logger, secrets)("info", `The Space ${space} ${state}.`);
  // The app reads the secrets of its Space, and may repeat them.
  const spaceSecrets = [...Object.values(options.secrets ?? {}), ...(platform.secrets ?? [])];
  return await connect(space, rest, { ...platform, secrets: spaceSecrets }, own);
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
  { closed, secrets }: { closed: AbortController; secrets: Secrets },
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
  const authorized = withAuthorization(options, reference.authorization);
  const settings = httpSettings(authorized, transport, { closed: closed.signal, secrets });
  const write = logger && lineWriter(logger, secrets);
  const warn = (sentence: string): void => write?.("warn", sentence);
  const { app, diagnose, signature } = await locateApp(reference, options, { settings, hub, onAddress, warn });
  if (saveFile || app.endpoints.some(takesFiles)) await loadTransfers();
  const target = { base: app.base, isSpace: diagnose !== null, hub, closed: closed.signal };
  const joinHeaders = await platform.joinHeaders?.(target);
  const query = mergedQuery(reference.query, options.query);
  const saver = saveFile && { save: saveFile, limits: platform.outputFileLimits ?? {} };
  const http = { ...settings, base: app.base };
  const load = (): Promise<App> =>
    loadApp(app.base, { ...options, auth: undefined }, { settings, signal: closed.signal });
  const current = new CurrentApp(app, new Http(http), load);
  const { claimName } = platform;
  const shared = { claimName, current, saver, query, oauthToken, diagnose, localFile, signature };
  const release = (): void => transport.close?.();
  const connection = session(shared, { http, joinHeaders, closed, release, sessionHash: options.sessionHash });
  // A hash that was made here is known nowhere else.
  if (options.sessionHash !== undefined) await connection.claimed;
  return connection;
}

/** Returns the query of an address with the parameters of the option; `undefined` if neither has one. */
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
  "claimName" | "current" | "query" | "oauthToken" | "diagnose" | "localFile" | "signature"
> {
  /** Saves the files of outputs; `undefined` where they stay at the app. */
  saver: { save: SaveFile; limits: OutputFileLimits } | undefined;
}

/** Parts of a connection that each session has for itself. */
interface SessionParts extends Pick<Connection, "joinHeaders" | "closed" | "release"> {
  http: HttpSettings;
  /** Default: a new one. */
  sessionHash: string | undefined;
}

/** Makes the connection of one session. */
function session(shared: SharedParts, own: SessionParts): Connection {
  const { saver, ...parts } = shared;
  const { current, signature } = parts;
  const { app } = current;
  const { joinHeaders, closed, release, sessionHash = newSessionHash() } = own;
  const { claimName } = shared;
  const claimed = claimSession({ app: app.base, hash: sessionHash, released: closed.signal, claimName });
  claimed.catch(() => undefined);
  const http = new Http(own.http);
  http.settings.secrets.add(sessionHash);
  // Where the platform saves files, `open` has loaded the functions for files.
  const outputFiles = saver && loadedTransfers()?.outputFiles(http, app.config.spaceId, saver.save, saver.limits);
  return {
    ...parts,
    app,
    initialApp: app,
    claimed,
    http,
    protocol: app.openProtocol(http, sessionHash, current.identity),
    joinHeaders: signature ? signature.beforeJoin(joinHeaders) : joinHeaders,
    dialect: app.files,
    outputFiles,
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
  for (const secret of headerSecrets(headers)) own.http.secrets.add(secret);
  return {
    http: { ...own.http, credentials: { ...credentials, headers }, closed: closed.signal },
    joinHeaders: forkHeaders ? forkHeaders({ closed: closed.signal }) : own.joinHeaders,
    closed,
    release: () => undefined,
    sessionHash,
  };
}
