import {
  Client as CoreClient,
  type ConnectOptions,
  type DownloadProgress,
  type DuplicateOptions,
  type FileData,
  type TransferOptions,
  type Untyped,
} from "@gradio-rx/core";
import { requestEarly } from "./early.ts";
import { loadConnect } from "./load-connect.ts";
import { pageAddress } from "./page-address.ts";

/** Options of `Client.connect` in a browser. */
export interface WebConnectOptions extends ConnectOptions {
  /**
   * Credentials mode of requests to the app; see `RequestInit.credentials`. Default `"same-origin"`; `"include"` with the option
   * `auth`. No effect together with the option `fetch`.
   */
  credentials?: "include" | "omit" | "same-origin" | undefined;
  /**
   * Address that a token-keeping proxy is mounted at, such as `/api/gradio`; see `gradioProxy` of `@gradio-rx/node/proxy`. The app is then
   * its name in the proxy's list. Cannot be used with `token` or `auth`.
   */
  proxy?: string | undefined;
}

/**
 * A client of one Gradio app, for browsers.
 *
 * @example
 * ```ts
 * const client = await Client.connect("https://owner-name.hf.space");
 * const text = await client.predict<string>("/greet", ["you"]);
 * ```
 */
export class Client<Api extends object = Untyped> extends CoreClient<Api> {
  /**
   * Connects to an app; see {@link WebConnectOptions}. The larger part of the package is loaded at the same time.
   *
   * @param app - URL of the app, with any number of slashes at its end, also relative to the page; or the id of a Space,
   *   `owner/name`. A user and a password in the URL are sent as basic authorization, to its origin only.
   * @throws InputError before any request; ProtocolError where there is no Gradio app; ConnectionError, also where a part of
   *   the package cannot be loaded; TimeoutError; AuthenticationError; SpaceError for a Space that cannot run or does not start in time.
   * @example
   * ```ts
   * const client = await Client.connect("/gradio");
   * ```
   */
  static override async connect<Api extends object = Untyped>(
    app: string | URL,
    options: WebConnectOptions = {},
  ): Promise<Client<Api>> {
    this.checkOptions(options, checks);
    const address = pageAddress(app);
    const rest = Client.#loadRest();
    const early = options.proxy === undefined ? requestEarly(address, options) : null;
    return new Client<Api>(await (await rest).connectPage(address, options, early));
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
    options: WebConnectOptions & DuplicateOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(await (await Client.#loadRest()).duplicateSpace(spaceId, options));
  }

  /**
   * Downloads a file that a call returned. The client's credentials are sent to the app only, not to other hosts.
   *
   * @param options.signal - aborts the download.
   * @param options.onProgress - called with the bytes received so far.
   * @param options.idleTimeout - time without a byte after which it fails with DownloadError, in milliseconds. Default 300 000.
   * @returns the whole file, with its type.
   * @throws DownloadError, also where the file is incomplete; AuthenticationError; TimeoutError; InputError for a value without
   *   an http(s) address.
   */
  async download(file: FileData | string | URL, options: TransferOptions<DownloadProgress> = {}): Promise<Blob> {
    return await this.readFile(file, options, async ({ mimeType }, chunks) => {
      const parts: BlobPart[] = [];
      for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
      return new Blob(parts, { type: mimeType ?? "" });
    });
  }

  /** Loads everything that is only needed once a page connects. */
  static async #loadRest(): Promise<typeof import("./connect.ts")> {
    return await Client.loadPart(loadConnect);
  }
}

const modes: readonly unknown[] = ["omit", "same-origin", "include"];

/** Checks of the options that only the web has. */
export const checks = {
  proxy: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? undefined : "must be the address of a proxy",
  credentials: (value: unknown): string | undefined =>
    modes.includes(value) ? undefined : 'must be "omit", "same-origin" or "include"',
};
