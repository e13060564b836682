import {
  Client as CoreClient,
  connect,
  type ConnectOptions,
  type DownloadProgress,
  duplicate,
  type DuplicateOptions,
  fetchTransport,
  type FileData,
  type Platform,
  type Untyped,
} from "@gradio-rx/core";
import { webTransport } from "./transport.ts";

/** Options of `Client.connect` in a browser. */
export interface WebConnectOptions extends ConnectOptions {
  /** What browsers do with cookies and logins; default `"same-origin"`, with `auth` `"include"`. No effect with a `fetch` of one's own. */
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
  /** Connects to an app; see the options. */
  static override async connect<Api extends object = Untyped>(
    app: string | URL,
    options: WebConnectOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(await connect(app, options, platform({ ...options }), table));
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
    options: WebConnectOptions & DuplicateOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(await duplicate(spaceId, options, platform({ ...options }), table));
  }

  /**
   * Fetches a file that a call gave, with the client's credentials where it lies at the app, without them elsewhere.
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

function platform({ fetch, auth, credentials }: WebConnectOptions): Platform {
  // A login is a cookie, which pages of other origins get and send only when they say so.
  const mode = credentials ?? (auth === undefined ? undefined : "include");
  const own = webTransport({ credentials: mode });
  const transport = fetch ? { ...own, ...fetchTransport((request) => fetch(request)) } : own;
  return { transport, joinHeaders };
}

/** Only a page in a frame has somebody to ask; what asks is loaded there. */
const joinHeaders: Platform["joinHeaders"] = async (app) => {
  if (typeof window === "undefined" || window.parent === window) return undefined;
  return (await import("./zero-gpu.ts")).zeroGpuHeaders(app);
};

const modes: readonly unknown[] = ["omit", "same-origin", "include"];
const table = {
  credentials: (value: unknown): string | undefined =>
    modes.includes(value) ? undefined : 'must be "omit", "same-origin" or "include"',
};
