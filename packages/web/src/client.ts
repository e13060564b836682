import {
  Client as CoreClient,
  ConnectionError,
  type ConnectOptions,
  type DownloadProgress,
  type DuplicateOptions,
  type FileData,
  type Untyped,
} from "@gradio-rx/core";
import { requestEarly } from "./early.ts";

/** Options of `Client.connect` in a browser. */
export interface WebConnectOptions extends ConnectOptions {
  /** Cookies and logins of requests to the app; default `"same-origin"`, with `auth` `"include"`. Without effect with a `fetch` of your own. */
  credentials?: RequestCredentials | undefined;
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
   * Connects to an app; see the options. The larger part of the package is loaded meanwhile.
   *
   * @throws ConnectionError also where that part cannot be loaded.
   */
  static override async connect<Api extends object = Untyped>(
    app: string | URL,
    options: WebConnectOptions = {},
  ): Promise<Client<Api>> {
    this.checkOptions(options, checks);
    const rest = loadRest();
    const early = requestEarly(app, options);
    return new Client<Api>(await (await rest).connectPage(app, options, early));
  }

  /**
   * Copies a Space on the Hub, waits until the copy runs, and connects to it. A copy that is there already is used as it
   * is, and the logger is called with a line about it.
   *
   * @param spaceId - `owner/name`.
   * @throws as `connect`; InputError before anything is sent; AuthenticationError without a token that may write.
   */
  static async duplicate<Api extends object = Untyped>(
    spaceId: string,
    options: WebConnectOptions & DuplicateOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(await (await loadRest()).duplicateSpace(spaceId, options));
  }

  /**
   * Downloads a file that a call gave: with the client's credentials from the app, without them from elsewhere.
   *
   * @returns the whole file, with its type.
   * @throws DownloadError, also where the file ends before its size; AuthenticationError.
   */
  async download(
    file: FileData | string | URL,
    options: {
      signal?: AbortSignal | undefined;
      onProgress?: ((progress: DownloadProgress) => void) | undefined;
    } = {},
  ): Promise<Blob> {
    return await this.readFile(file, options, async ({ mimeType }, chunks) => {
      const parts: BlobPart[] = [];
      for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
      return new Blob(parts, { type: mimeType ?? "" });
    });
  }
}

/** Loads everything that is only needed once a page connects. */
async function loadRest(): Promise<typeof import("./connect.ts")> {
  try {
    return await import("./connect.ts");
  } catch (cause) {
    const message =
      "A part of the page's code could not be loaded, as after a new deployment of the page. Reload the page.";
    throw new ConnectionError(message, { cause, accepted: false });
  }
}

const modes: readonly unknown[] = ["omit", "same-origin", "include"];

/** Checks of the options that only the web has. */
export const checks = {
  credentials: (value: unknown): string | undefined =>
    modes.includes(value) ? undefined : 'must be "omit", "same-origin" or "include"',
};
