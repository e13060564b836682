import { type App, findApp } from "./app/app.ts";
import { login } from "./app/login.ts";
import { parseReference } from "./app/reference.ts";
import type { LocalFile } from "./data/arguments.ts";
import { InputError } from "./errors.ts";
import { Http, type HttpSettings } from "./http/request.ts";
import { checkOptions, type ConnectOptions, connectOptions, type Logger, type OptionTable } from "./options.ts";
import { protocolFor } from "./protocol/choose.ts";
import { newSessionHash, type SessionStream } from "./protocol/session-stream.ts";
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
  app: App;
  http: Http;
  protocol: SessionStream;
  /** Makes a file of a path that is given to a file parameter; `undefined` where paths are not allowed. */
  localFile: LocalFile | undefined;
  /** Ends what is left of requests, with the reason; aborted last of all. */
  closed: AbortController;
}

const TIMEOUT = 30_000;

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
  const reference = parseReference(app);
  if (!("url" in reference))
    throw new InputError(
      `${JSON.stringify(reference.space)} is a Space id; give the Space's URL, such as "https://owner-name.hf.space".`,
    );
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
  if (options.auth !== undefined) await login(at(reference.url), options.auth);
  const query = { page: options.page, deep_link: options.deepLink };
  const found = await findApp(reference.url, at, { query, signal: options.signal });
  const http = at(found.base);
  const protocol = protocolFor(found.config, http, options.sessionHash ?? newSessionHash());
  return { app: found, http, protocol, localFile, closed };
}
