import { type App, rendered } from "./app/app.ts";
import { reach } from "./app/reach.ts";
import { hubAddress } from "./app/address.ts";
import { parseReference } from "./app/reference.ts";
import type { Signature } from "./app/signature.ts";
import type { FileRules, LocalFile } from "./data/arguments.ts";
import type { DialectOf } from "./data/dialect.ts";
import { fileDialects } from "./data/dialects.ts";
import { type DownloadFile, readFile, type UseFile } from "./data/read.ts";
import { RetryBudget } from "./http/retry.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import {
  checkOptions,
  type ConnectOptions,
  connectOptions,
  type Logger,
  mergeOptions,
  type OptionTable,
} from "./options.ts";
import { protocolFor } from "./protocol/choose.ts";
import type { JoinHeaders, Protocol } from "./protocol/protocol.ts";
import { newSessionHash } from "./protocol/session-hash.ts";
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
  readonly found: App;
  /** Hub token for functions that take a Hub login. */
  oauthToken: string | undefined;
  http: Http;
  protocol: Protocol;
  /** What has to be there before a call is sent, and the headers that it gives; `undefined` where nothing has. */
  joinHeaders: JoinHeaders | undefined;
  /** Makes of a call's error what is behind it, where the Space no longer runs; `null` for an app that is no Space. */
  explain: ((error: unknown) => Promise<unknown>) | null;
  /** How the app writes the files of a component. */
  dialect: DialectOf;
  /** Makes a file of a path that is given to a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Finds the places of files inside of a value; `undefined` where no function takes any. */
  placeFiles: FileRules["placeFiles"];
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

async function open(
  named: unknown,
  options: ConnectOptions,
  platform: Platform,
  closed: AbortController,
): Promise<Connection> {
  const { sessionHash = newSessionHash(), oauthToken, logger, signal, hubUrl } = options;
  const { transport, localFile, saveFile, onAddress } = platform;
  const hub = hubAddress(hubUrl);
  const reference = await parseReference(named, hub);
  signal?.throwIfAborted();
  const settings = httpSettings(options, transport, closed.signal);
  const warn = (sentence: string): void => tell(logger, "warn", sentence);
  const { app, explain, signature } = await reach(reference, options, { settings, hub, onAddress, warn });
  const http = new Http({ ...settings, base: app.base });
  const target = { base: app.base, isSpace: explain !== null, hub, closed: closed.signal };
  const ownHeaders = await platform.joinHeaders?.(target);
  const joinHeaders = signature ? signature.beforeJoin(ownHeaders) : ownHeaders;
  const protocol = await protocolFor(app.config, http, sessionHash);
  const dialect = await fileDialects(app.config.protocol);
  // What a parameter takes stands in the app's description alone, which is read once: what is rendered later adds none.
  const isInside = app.endpoints.some(({ parameters }) => parameters.some(({ file }) => file === "inside"));
  const placeFiles = isInside ? (await import("./data/places.ts")).placeFiles : undefined;
  const downloadFile: DownloadFile | undefined =
    saveFile && ((file, given, onProgress) => readFile(http, file, { signal: given, onProgress }, saveFile));
  const files = { dialect, localFile, placeFiles, downloadFile, signature };
  return { app, found: app, oauthToken, http, protocol, joinHeaders, explain, ...files, closed };
}
