import { InputError } from "../errors.ts";

/** Where an app is: an address, or the name of a Space on the Hub. */
export type AppReference = { url: URL } | { space: string };

/** The Hub's address, with a slash at its end. */
export function hubAddress(hubUrl = "https://huggingface.co"): URL {
  return new URL(`${hubUrl.replace(/\/+$/, "")}/`);
}

/**
 * Reads what a caller names an app by (PROTOCOL.md, 1.1): any http(s) address, with or without its last slash, its query
 * and hash dropped; a host without its scheme, where that can only be one; or a Space id `owner/name`.
 *
 * @param hub - address of the Hub: `{hub}/spaces/owner/name` is the page of a Space, not the app.
 * @throws InputError for anything else, with what was probably meant.
 */
export async function parseReference(app: unknown, hub: URL): Promise<AppReference> {
  if (app instanceof URL) return page(await address(app.href), hub);
  if (typeof app !== "string") throw new InputError("An app is named by its URL or by its Space id, as a string.");
  const name = app.trim();
  if (/^https?:/i.test(name)) return page(await address(name), hub);
  const { readName } = await import("./names.ts");
  const read = readName(name, hub);
  return "space" in read ? read : page(await address(read.address), hub);
}

/** Whether an address is the host of a Space, by its name. */
export function isSpaceHost(url: URL): boolean {
  return url.hostname.endsWith(".hf.space");
}

/** The Space whose page an address is, or lies under, else the address itself. */
function page(url: URL, hub: URL): AppReference {
  const [, owner, name] = /^\/spaces\/([\w.-]+)\/([\w.-]+)\//.exec(url.pathname) ?? [];
  // A link to the public Hub names a Space on a Hub of one's own too: that is where it is asked for.
  const ofHub = url.origin === hub.origin || /^(www\.)?(huggingface|hf)\.co$/.test(url.hostname);
  return ofHub && owner && name ? { space: `${owner}/${name}` } : { url };
}

async function address(text: string): Promise<URL> {
  if (!URL.canParse(text)) throw (await import("./names.ts")).noAddress(text);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InputError(`An app is reached by http or https, not by ${url.protocol}`);
  if (url.username !== "" || url.password !== "")
    throw new InputError("The address of an app must not hold a user or a password.");
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
