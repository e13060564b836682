import { isPlainUrl } from "../http/urls.ts";
import { appAddress, type AppReference } from "./address.ts";

/**
 * Reads what a caller names an app by (PROTOCOL.md, 1.1): any http(s) address, with or without its last slash, its query
 * and hash dropped; a host without its scheme, where that can only be one; or a Space id `owner/name`.
 *
 * @param hub - address of the Hub: `{hub}/spaces/owner/name` is the page of a Space, not the app.
 * @throws InputError for anything else, with what was probably meant.
 */
export async function parseReference(app: unknown, hub: URL): Promise<AppReference> {
  const text = app instanceof URL || typeof app === "string" ? String(app).trim() : "";
  if (URL.canParse(text)) {
    const url = appAddress(text);
    if (isPlainUrl(url) && !url.pathname.startsWith("/spaces/")) return { url };
  }
  const { readName } = await import("./names.ts");
  return readName(app, hub);
}
