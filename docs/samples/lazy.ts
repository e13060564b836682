// #region lazy
import { type Client, lazyClient } from "@gradio-rx/client";

/** Returns a client for a module: it connects with its first call. */
export function createClient(app: string): Client {
  return lazyClient(app);
}
// #endregion lazy
