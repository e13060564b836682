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
import { fileInside, handleFile, saveFile as save, saverInto } from "./files.ts";
import { ipTokenHeaders } from "./ip-token.ts";
import { nodeTransport } from "./transport.ts";

/** Options of `Client.connect` in Node. */
export interface NodeConnectOptions extends ConnectOptions {
  /**
   * Whether a plain string that is given to a file parameter is a path: of any file (`true`), or of one inside a folder.
   * A function makes the file of each such string itself, at any depth of the data; what it throws fails the call.
   * Default `false`: such a string is refused, as text from elsewhere could name any file of this machine.
   */
  localFiles?: boolean | string | ((text: string) => FileInput) | undefined;
  /**
   * Whether the files of outputs are fetched before an output is told; they then carry `localPath`. Into a folder, made
   * where it is missing, or (`true`) into one of the system's for temporary files. Default `false`.
   */
  downloadFiles?: boolean | string | undefined;
  /**
   * Agent for requests to the app and the Hub: of `node:http`, of `node:https`, or a subclass of either, such as that of a proxy.
   * A standard agent is used for its own protocol only. Default: the settings of Node's global agents, which include the proxies
   * of the environment where Node honours them (`NODE_USE_ENV_PROXY`). No effect on WebSockets and with `fetch`.
   */
  agent?: Agent | undefined;
  /** Cookies to begin with, as in a header: `a=1; b=2`. Those that the app sets are kept, and sent to its own origin only. */
  cookies?: string | undefined;
  /**
   * The token by which a ZeroGPU Space charges a visitor of your own app, in place of you: the `x-ip-token` header of the
   * visitor's request, or a function that gives it, asked before each call. Sent with calls alone, to the app alone.
   */
  ipToken?: string | (() => string | Promise<string>) | undefined;
}

/**
 * A client of one Gradio app, for Node.
 *
 * @example
 * ```ts
 * await using client = await Client.connect("http://127.0.0.1:7860/");
 * console.log(await client.predict("/greet", ["you"]));
 * ```
 */
export class Client<Api extends object = Untyped> extends CoreClient<Api> {
  /** Connects to an app; see the options. */
  static override async connect<Api extends object = Untyped>(
    app: string | URL,
    options: NodeConnectOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(new Engine(await connect(app, withHub(options), platform({ ...options }), table)));
  }

  /**
   * Copies a Space on the Hub, waits until the copy runs, and connects to it. A copy that is there already is used as it
   * is, and the logger told so.
   *
   * @param spaceId - `owner/name`.
   * @throws as `connect`; InputError before anything is sent; AuthenticationError without a token that may write.
   */
  static async duplicate<Api extends object = Untyped>(
    spaceId: string,
    options: NodeConnectOptions & DuplicateOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(new Engine(await duplicate(spaceId, withHub(options), platform({ ...options }), table)));
  }

  /**
   * Fetches a file that a call gave, with the client's credentials where it lies at the app, without them elsewhere.
   *
   * @param options.dir - folder to write into, made where it is missing. Default: the current one.
   * @returns the path written: always inside `dir`, whatever name the server gave, and never over a file that was there.
   * @throws DownloadError, also where the file ends before its size; AuthenticationError; the file system's own errors.
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
    return await this.readFile(file, rest, ({ name }, chunks) => save(dir, name, chunks));
  }
}

/** The options, with the Hub's address from the environment where none is given. */
function withHub<Options extends ConnectOptions>(options: Options): Options {
  // An option that was given stands, also one that is wrong, and options that are none: it is told.
  const { hubUrl = process.env["HF_ENDPOINT"] || undefined } = { ...options };
  return hubUrl === undefined ? options : { ...options, hubUrl };
}

function localFileOf(localFiles: NodeConnectOptions["localFiles"]): Platform["localFile"] {
  if (typeof localFiles === "function") return localFiles;
  return typeof localFiles === "string" ? fileInside(localFiles) : localFiles ? handleFile : undefined;
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
  // The value stays out of the sentence: it may be a secret.
  cookies: (value: unknown): string | undefined => {
    if (typeof value !== "string") return "must be a string";
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : "holds a character that no HTTP header can have";
  },
  downloadFiles: (value: unknown): string | undefined =>
    typeof value === "boolean" || (typeof value === "string" && value !== "") ? undefined : "must be true, or a folder",
  ipToken: (value: unknown): string | undefined =>
    typeof value === "function" || (typeof value === "string" && value !== "")
      ? undefined
      : "must be a string or a function",
  localFiles: (value: unknown): string | undefined =>
    typeof value === "boolean" || typeof value === "function" || (typeof value === "string" && value !== "")
      ? undefined
      : "must be true, a folder, or a function",
};
