import type { Agent } from "node:http";
import {
  Client as CoreClient,
  type ConnectOptions,
  type DownloadProgress,
  type DuplicateOptions,
  type FileData,
  type TransferOptions,
  type FileInput,
  type ForkHeaders,
  type ForkOptions,
  type Untyped,
} from "@gradio-rx/core";
import {
  connect,
  type Connection,
  cookieSecrets,
  duplicate,
  Engine,
  fetchTransport,
  hasFields,
  isPositive,
  lazyEngine,
  type Platform,
} from "@gradio-rx/core/platform";
import { withCookies } from "./cookies.ts";
import { anyLocalFile, FreeNames, saveFile, saverInto } from "./files.ts";
import { ipTokenHeaders } from "./ip-token.ts";
import { filesInside } from "./local-paths.ts";
import { nodeTransport } from "./transport.ts";

/**
 * Options for the download of the files of outputs. An output whose files are on another host, or are too many or too large, fails
 * its call with `DownloadError`.
 */
export interface DownloadFilesOptions {
  /** Folder, which is created where it does not exist. Default: a new folder for temporary files. */
  dir?: string | undefined;
  /** Hosts that files may come from, besides those of the app and its Space: `"cdn.example.com"`, `"10.0.0.1:8080"`. Default none. */
  hosts?: readonly string[] | undefined;
  /** Maximum number of files of one output. Default 1 000. */
  maxFiles?: number | undefined;
  /** Maximum size of the files of one output in bytes. Default 10 GiB. */
  maxBytes?: number | undefined;
}

/** Options of `Client.connect` in Node. */
export interface NodeConnectOptions extends ConnectOptions {
  /**
   * Whether a plain string for a file parameter may be a path: `true` for any file of this machine, or a folder for files
   * inside it. A function makes the file of each such string itself, at any depth of the data; an error that it throws fails
   * the call. Default `false`: such a string is an InputError, as untrusted text could name any file of this machine.
   */
  localFiles?: boolean | string | ((text: string) => FileInput) | undefined;
  /**
   * Whether the files of outputs are downloaded before an output is emitted; its files then have `localPath`. A folder, which
   * is created where it does not exist, or `true` for a new folder for temporary files; or {@link DownloadFilesOptions}. Default
   * `false`.
   */
  downloadFiles?: boolean | string | DownloadFilesOptions | undefined;
  /**
   * Agent for requests to the app and the Hub: of `node:http`, of `node:https`, or a subclass of either, such as that of a proxy.
   * A standard agent is used for its own protocol only. Default: the settings of Node's global agents, which include the proxies
   * of the environment where Node honours them (`NODE_USE_ENV_PROXY`). No effect on WebSockets and with `fetch`.
   */
  agent?: Agent | undefined;
  /** Cookies for the app, as in a `cookie` header: `a=1; b=2`. Cookies that the app sets are kept, too. All are sent to its origin only. Default none. */
  cookies?: string | undefined;
  /**
   * Token by which a ZeroGPU Space charges the visitor of your app instead of you: the `x-ip-token` header of the visitor's
   * request, or a function that returns it, called before each call. Sent with calls only, to the app only. Default none.
   */
  ipToken?: string | (() => string | Promise<string>) | undefined;
}

/** Options of `Client.fork` in Node. */
export interface NodeForkOptions extends ForkOptions {
  /**
   * Token by which a ZeroGPU Space charges the visitor of your app: the `x-ip-token` header of the visitor's request, or a function
   * that returns it, called before each call. Default: the option of the client that the fork is made from.
   */
  ipToken?: NodeConnectOptions["ipToken"];
}

/**
 * A client of one Gradio app, for Node.
 *
 * @example
 * ```ts
 * const client = await Client.connect("http://127.0.0.1:7860/");
 * console.log(await client.predict("/greet", ["you"]));
 * await client.close();
 * ```
 */
export class Client<Api extends object = Untyped> extends CoreClient<Api> {
  /** Names of downloaded files. */
  readonly #names = new FreeNames();

  /**
   * Connects to an app; see {@link NodeConnectOptions}.
   *
   * @param app - URL of the app, with any number of slashes at its end, or the id of a Space, `owner/name`. A user and a
   *   password in the URL are sent as basic authorization, to its origin only.
   * @throws InputError before any request; ProtocolError where there is no Gradio app; ConnectionError; TimeoutError;
   *   AuthenticationError; SpaceError for a Space that cannot run or does not start in time.
   */
  static override async connect<Api extends object = Untyped>(
    app: string | URL,
    options: NodeConnectOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(new Engine(await open(app, options)));
  }

  /**
   * Copies a Space on the Hub, waits until the copy runs, and connects to it. An existing copy is used as it is, which the
   * logger reports.
   *
   * @param spaceId - `owner/name`.
   * @throws the errors of `connect`; AuthenticationError without a token that may write; SpaceError where the Hub refuses the
   *   copy.
   */
  static async duplicate<Api extends object = Untyped>(
    spaceId: string,
    options: NodeConnectOptions & DuplicateOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(new Engine(await duplicate(spaceId, withHub(options), platform({ ...options }), table)));
  }

  /**
   * Returns a client with a session of its own on the same connection, at once and without a request. A server makes one for each
   * visitor, as all calls of one session share the state that the app keeps: the history of a chat, for example.
   *
   * A fork has an event stream of its own. It ends with this client; closing it does not affect this client or other forks. Close a fork
   * when its visitor leaves.
   *
   * @param options - see {@link NodeForkOptions}.
   * @throws InputError for an option that does not exist, or whose value is invalid.
   * @example
   * ```ts
   * const client = await Client.connect("owner/chat"); // One for the whole server.
   * const visitor = client.fork({ ipToken }); // One for each visitor.
   * const answer = await visitor.predict("/chat", [message]);
   * await visitor.close();
   * ```
   */
  override fork(options: NodeForkOptions = {}): this {
    const { ipToken } = { ...options };
    const headers = ipToken === undefined ? undefined : forkHeaders(ipToken);
    return this.forkWith(options, { ipToken: table.ipToken }, headers);
  }

  /**
   * Downloads a file that a call returned. The client's credentials are sent to the app only, not to other hosts.
   *
   * @param options.dir - folder for the file, created where it does not exist. Default: the current folder.
   * @param options.signal - aborts the download.
   * @param options.onProgress - called with the bytes received so far.
   * @param options.idleTimeout - time without a byte after which it fails with DownloadError, in milliseconds. Default 300 000.
   * @returns the path of the file: always inside `dir`, for any name from the server. An existing file is not replaced.
   * @throws DownloadError, also where the file is incomplete; AuthenticationError; TimeoutError; InputError for a value without
   *   an http(s) address; the errors of the file system.
   */
  async download(
    file: FileData | string | URL,
    options: TransferOptions<DownloadProgress> & { dir?: string | undefined } = {},
  ): Promise<string> {
    const { dir = ".", ...rest } = options;
    return await this.readFile(file, rest, ({ name }, chunks) => saveFile(dir, name, chunks, this.#names));
  }
}

/**
 * Returns a client at once, which connects with its first call, or with `client.connected`. Where that fails, the call fails, and the
 * next one tries again. Until it is connected, its jobs are `starting`; `config`, `app` and `endpoints` throw an InputError.
 *
 * @param app - as for `Client.connect`.
 * @param options - as for `Client.connect`; `signal` aborts each attempt to connect. Invalid options fail the first call.
 * @example
 * ```ts
 * export const client = lazyClient("http://127.0.0.1:7860/");
 * const text = await client.predict("/greet", ["you"]);
 * ```
 */
export function lazyClient<Api extends object = Untyped>(
  app: string | URL,
  options: NodeConnectOptions = {},
): Client<Api> {
  return new Client<Api>(lazyEngine(options, table, (given) => open(app, given)));
}

async function open(app: string | URL, options: NodeConnectOptions): Promise<Connection> {
  return await connect(app, withHub(options), platform({ ...options }), table);
}

/** Returns the options with the Hub's address of the environment, where none is given. */
function withHub<Options extends ConnectOptions>(options: Options): Options {
  // Invalid options stay as they are, so that they are reported.
  const { hubUrl = process.env["HF_ENDPOINT"] || undefined } = { ...options };
  return hubUrl === undefined ? options : { ...options, hubUrl };
}

function forkHeaders(ipToken: NonNullable<NodeForkOptions["ipToken"]>): ForkHeaders {
  return ({ closed }) => ipTokenHeaders(ipToken, closed);
}

function localFileOf(localFiles: NodeConnectOptions["localFiles"]): Platform["localFile"] {
  if (typeof localFiles === "function") return localFiles;
  return typeof localFiles === "string" ? filesInside(localFiles) : localFiles ? anyLocalFile : undefined;
}

function savingOf(given: NodeConnectOptions["downloadFiles"]): Pick<Platform, "saveFile" | "outputFileLimits"> {
  if (given === undefined || given === false) return {};
  if (typeof given !== "object") return { saveFile: saverInto(given) };
  const { dir = true, ...outputFileLimits } = given;
  return { saveFile: saverInto(dir), outputFileLimits };
}

function platform({ agent, localFiles, downloadFiles, cookies, fetch, ipToken }: NodeConnectOptions): Platform {
  const own = nodeTransport({ agent });
  const transport = withCookies(fetch ? { ...own, ...fetchTransport((request) => fetch(request)) } : own);
  return {
    transport,
    localFile: localFileOf(localFiles),
    ...savingOf(downloadFiles),
    onAddress: cookies === undefined ? undefined : (base) => transport.give(base, cookies),
    // The options are not checked yet.
    secrets: [
      typeof ipToken === "string" ? ipToken : "",
      ...cookieSecrets(typeof cookies === "string" ? cookies.split(";") : []),
    ],
    joinHeaders: ipToken === undefined ? undefined : ({ closed }) => ipTokenHeaders(ipToken, closed),
  };
}

const isText = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? undefined : "must be a string";

const isDownloadFiles = hasFields({
  dir: isText,
  hosts: (value) =>
    Array.isArray(value) && value.every((host) => isText(host) === undefined)
      ? undefined
      : "must be an array of strings",
  maxFiles: isPositive,
  maxBytes: isPositive,
});

const table = {
  agent: (value: unknown): string | undefined =>
    typeof value === "object" && value !== null && "addRequest" in value
      ? undefined
      : "must be an agent of node:http or node:https",
  // The error does not show the value, which may be a secret.
  cookies: (value: unknown): string | undefined => {
    if (typeof value !== "string") return "must be a string";
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
      ? undefined
      : "has a character that is not allowed in an HTTP header";
  },
  downloadFiles: (value: unknown): string | undefined => {
    if (typeof value === "boolean" || isText(value) === undefined) return undefined;
    return typeof value === "object" ? isDownloadFiles(value) : "must be true, a folder, or an object";
  },
  ipToken: (value: unknown): string | undefined =>
    typeof value === "function" || isText(value) === undefined ? undefined : "must be a string or a function",
  localFiles: (value: unknown): string | undefined =>
    typeof value === "boolean" || typeof value === "function" || isText(value) === undefined
      ? undefined
      : "must be true, a folder, or a function",
};
