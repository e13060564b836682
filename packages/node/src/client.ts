import { Client as CoreClient, connect, type ConnectOptions, type Untyped } from "@gradio-rx/core";
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
}
