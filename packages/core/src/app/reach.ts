import { Http } from "../http/request.ts";
import type { ConnectOptions } from "../options.ts";
import { findApp } from "./app.ts";
import type { Find, Reached, Ways } from "./reach-space.ts";
import type { AppReference } from "./address.ts";

/**
 * Reaches an app from what names it: finds its address, logs in, reads its configuration; a Space that sleeps is woken. What
 * that takes is loaded for Spaces alone.
 */
export async function reach(reference: AppReference, options: ConnectOptions, ways: Ways): Promise<Reached> {
  const { settings, onAddress } = ways;
  const at = (base: URL): Http => new Http({ ...settings, base });
  const { auth, page, deepLink } = options;
  const find: Find = async (base, signal, how) => {
    if (auth !== undefined) {
      const { login } = await import("./login.ts");
      await login(at(base), auth, { signal, repeat: how.repeat ?? true });
    }
    return await findApp(base, at, { query: { page, deep_link: deepLink }, signal, ...how });
  };
  if ("url" in reference && !reference.url.hostname.endsWith(".hf.space")) {
    onAddress?.(reference.url);
    return { app: await find(reference.url, options.signal, {}), explain: null, signature: null };
  }
  const { reachSpace } = await import("./reach-space.ts");
  return await reachSpace(reference, options, ways, find);
}
