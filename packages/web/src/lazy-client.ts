import { type Connection, lazyEngine, loadPart } from "@gradio-rx/core/platform";
import type { Untyped } from "@gradio-rx/core";
import { checks, Client, type WebConnectOptions } from "./client.ts";
import { requestEarly } from "./early.ts";
import { loadConnect } from "./load-connect.ts";
import { pageAddress } from "./page-address.ts";

/**
 * Returns a client at once, which connects with its first call, or with `client.connected`. Where that fails, the call fails, and the
 * next one tries again. Until it is connected, its jobs are `starting`; `config`, `app` and `endpoints` throw an InputError.
 *
 * @param app - as for `Client.connect`.
 * @param options - as for `Client.connect`; `signal` aborts each attempt to connect. Invalid options fail the first call.
 * @example
 * ```ts
 * export const client = lazyClient("https://owner-name.hf.space");
 * const text = await client.predict("/greet", ["you"]);
 * ```
 */
export function lazyClient<Api extends object = Untyped>(
  app: string | URL,
  options: WebConnectOptions = {},
): Client<Api> {
  const open = async (given: WebConnectOptions): Promise<Connection> => {
    const address = pageAddress(app);
    const rest = loadPart(loadConnect);
    const early = options.proxy === undefined ? requestEarly(address, { ...given, signal: options.signal }) : null;
    return await (await rest).openPage(address, given, early);
  };
  return new Client<Api>(lazyEngine(options, checks, open));
}
