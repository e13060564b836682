import { Client as CoreClient, connect, type ConnectOptions, type Untyped } from "@gradio-rx/core";
import { webTransport } from "./transport.ts";

/** Options of `Client.connect` in a browser. */
export interface WebConnectOptions extends ConnectOptions {
  /** What browsers do with cookies and logins; default `"same-origin"`. No effect with a `fetch` of one's own. */
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
    const { credentials } = options;
    return new Client<Api>(await connect(app, { ...options, transport: webTransport({ credentials }) }, table));
  }
}

const modes: readonly unknown[] = ["omit", "same-origin", "include"];
const table = {
  credentials: (value: unknown): string | undefined =>
    modes.includes(value) ? undefined : 'must be "omit", "same-origin" or "include"',
};
