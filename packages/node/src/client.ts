import {
  Client as CoreClient,
  connect,
  type ConnectOptions,
  type DownloadProgress,
  type FileData,
  type Untyped,
} from "@gradio-rx/core";
import { saveFile } from "./files.ts";
import { nodeTransport } from "./transport.ts";

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
    options: ConnectOptions = {},
  ): Promise<Client<Api>> {
    return new Client<Api>(await connect(app, { ...options, transport: nodeTransport() }));
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
    options: { dir?: string; signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void } = {},
  ): Promise<string> {
    const { dir = ".", ...rest } = options;
    return await this.readFile(file, rest, ({ name }, chunks) => saveFile(dir, name, chunks));
  }
}
