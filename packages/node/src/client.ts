import type { Agent } from "node:http";
import {
  Client as CoreClient,
  type ConnectOptions,
  type DownloadProgress,
  type DuplicateOptions,
  type FileData,
  type FileInput,
  type Untyped,
} from "@gradio-rx/core";
import { connect, duplicate, fetchTransport, type Platform, Engine } from "@gradio-rx/core/platform";
import { withCookies } from "./cookies.ts";
import { anyLocalFile, FreeNames, saveFile, saverInto } from "./files.ts";
import { ipTokenHeaders } from "./ip-token.ts";
import { filesInside } from "./local-paths.ts";
import { nodeTransport } from "./transport.ts";

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
   * is created where it does not exist, or `true` for a new folder for temporary files. Default `false`.
   */
  downloadFiles?: boolean | string | undefined;
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
    return new Client<Api>(new Engine(await connect(app, withHub(options), platform({ ...options }), table)));
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
   * Downloads a file that a call returned. The client's credentials are sent to the app only, not to other hosts.
   *
   * @param options.dir - folder for the file, created where it does not exist. Default: the current folder.
   * @param options.signal - aborts the download.
   * @param options.onProgress - called with the bytes received so far.
   * @returns the path of the file: always inside `dir`, for any name from the server. An existing file is not replaced.
   * @throws DownloadError, also where the file is incomplete; AuthenticationError; TimeoutError; InputError for a value without
   *   an http(s) address; the errors of the file system.
   */
  async download(
    file: FileData | string | URL,
    options: {
      dir?: string | undefined;
      signal?: AbortSignal | undefined;
      onProgress?: ((progress: DownloadProgress) => void) | undefined;
    } = {},
  ): Promise<string> {
    const { dir = ".", ...rest } = options;
    return await this.readFile(file, rest, ({ name }, chunks) => saveFile(dir, name, chunks, this.#names));
  }
}

/** Returns the options with the Hub's address of the environment, where none is given. */
function withHub<Options extends ConnectOptions>(options: Options): Options {
  // Invalid options stay as they are, so that they are reported.
  const { hubUrl = process.env["HF_ENDPOINT"] || undefined } = { ...options };
  return hubUrl === undefined ? options : { ...options, hubUrl };
}

function localFileOf(localFiles: NodeConnectOptions["localFiles"]): Platform["localFile"] {
  if (typeof localFiles === "function") return localFiles;
  return typeof localFiles === "string" ? filesInside(localFiles) : localFiles ? anyLocalFile : undefined;
}

function platform({ agent, localFiles, downloadFiles, cookies, fetch, ipToken }: NodeConnectOptions): Platform {
  const own = nodeTransport({ agent });
  const transport = withCookies(fetch ? { ...own, ...fetchTransport((request) => fetch(request)) } : own);
  return {
    transport,
    localFile: localFileOf(localFiles),
    saveFile: downloadFiles ? saverInto(downloadFiles) : undefined,
    onAddress: cookies === undefined ? undefined : (base) => transport.give(base, cookies),
    joinHeaders: ipToken === undefined ? undefined : ({ closed }) => ipTokenHeaders(ipToken, closed),
  };
}

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
  downloadFiles: (value: unknown): string | undefined =>
    typeof value === "boolean" || (typeof value === "string" && value !== "") ? undefined : "must be true or a folder",
  ipToken: (value: unknown): string | undefined =>
    typeof value === "function" || (typeof value === "string" && value !== "")
      ? undefined
      : "must be a string or a function",
  localFiles: (value: unknown): string | undefined =>
    typeof value === "boolean" || typeof value === "function" || (typeof value === "string" && value !== "")
      ? undefined
      : "must be true, a folder, or a function",
};
