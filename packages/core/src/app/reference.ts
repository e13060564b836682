import { InputError } from "../errors.ts";

/** An app as the caller named it. */
export type AppReference = AddressParts & ({ url: URL } | { space: string });

/** Parts of an app's address that are not sent as part of the path. */
export interface AddressParts {
  /** Query of the address: parameters of the app, for functions that read `request.query_params`. */
  query: URLSearchParams;
  /** `authorization` header for the user and the password in the address; `null` where it has none. Sent to its origin only. */
  authorization: string | null;
}

/** The public Hub, by its names. */
const PUBLIC_HUB = /^(www\.)?(huggingface|hf)\.co$/;

const SPACE_ID = /^\w[\w.-]*\/\w[\w.-]*$/;

/** Returns the Hub's address with a slash at its end. */
export function hubAddress(hubUrl = "https://huggingface.co"): URL {
  return new URL(`${hubUrl.replace(/\/+$/, "")}/`);
}

/** Returns an address as that of an app: without query, fragment, user and password, with exactly one slash at its end. */
export function appAddress(address: string | URL): URL {
  const url = new URL(address);
  url.search = url.hash = url.username = url.password = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/`;
  return url;
}

/**
 * Reads the name of an app (PROTOCOL.md, 1.1): an http(s) address with any number of slashes at its end, a host without a
 * scheme where no Space can have that name, or the id of a Space, `owner/name`.
 *
 * @param hub - address of the Hub. `{hub}/spaces/owner/name` is the page of a Space: it names the Space.
 * @throws InputError for anything else, with a proposal. The error shows no user and no password.
 */
export function parseAppReference(app: unknown, hub: URL): AppReference {
  if (app instanceof URL) return fromAddress(app.href, hub);
  if (typeof app !== "string") throw new InputError("The app must be a URL, or the id of a Space as a string.");
  const name = app.trim();
  if (name === "")
    throw new InputError('The app is an empty string. Pass its URL, or the id of its Space, "owner/name".');
  if (/^https?:/i.test(name)) return fromAddress(name, hub);
  const scheme = schemeOfHost(name, hub);
  if (scheme !== null) return fromAddress(`${scheme}//${name}`, hub);
  if (SPACE_ID.test(name) && !looksLikeHost(name.split("/")[0]!))
    return { space: name, query: new URLSearchParams(), authorization: null };
  throw new InputError(`${shown(name)} is neither a URL nor the id of a Space, "owner/name".${proposal(name)}`);
}

function fromAddress(text: string, hub: URL): AppReference {
  // The platform's own error would repeat the address, and with it a password.
  if (!URL.canParse(text)) throw new InputError(`${shown(text)} is not a URL.`);
  const given = new URL(text);
  if (given.protocol !== "http:" && given.protocol !== "https:")
    throw new InputError(`The scheme of the app's address must be http or https, not ${given.protocol.slice(0, -1)}.`);
  const query = new URLSearchParams(given.search);
  // A signature opens private files, and is of no use to a function.
  query.delete("__sign");
  const authorization = basicAuthorization(given);
  const url = appAddress(given);
  const space = spaceOfPage(url, hub);
  if (space === null) return { url, query, authorization };
  if (authorization !== null)
    throw new InputError(`Pass a token instead of a user and a password: they do not open the Space ${space}.`);
  return { space, query, authorization };
}

/** Returns the id of the Space whose page on the Hub an address is; `null` for any other address. */
function spaceOfPage(url: URL, hub: URL): string | null {
  const [, owner, name] = /^\/spaces\/([\w.-]+)\/([\w.-]+)\//.exec(url.pathname) ?? [];
  // A link to the public Hub names a Space on a Hub of the caller's own, too: that Hub is asked for it.
  const isHub = url.origin === hub.origin || PUBLIC_HUB.test(url.hostname);
  return isHub && owner && name ? `${owner}/${name}` : null;
}

/** Returns the header for the user and the password in an address (RFC 7617, in UTF-8). */
function basicAuthorization({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the scheme for a host that was given without one; `null` where it is ambiguous or not a host. */
function schemeOfHost(name: string, hub: URL): string | null {
  if (name.includes("@")) return null;
  if (name.startsWith(`${hub.host}/spaces/`)) return hub.protocol;
  const [, host = "", port] = /^([\w.-]+|\[[\da-f:]+\])(:\d+)?(?:[/?#]|$)/i.exec(name) ?? [];
  if (PUBLIC_HUB.test(host) && name.includes("/spaces/")) return "https:";
  if (/\.(hf\.space|gradio\.live)$/i.test(host)) return "https:";
  return port !== undefined || /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1\])$/i.test(host) ? "http:" : null;
}

/** Returns a name for an error, without what may be a user and a password. */
function shown(name: string): string {
  const at = name.lastIndexOf("@");
  return JSON.stringify(at < 0 ? name.slice(0, 200) : `…${name.slice(at).slice(0, 200)}`);
}

/** Whether a word is `localhost`, an IP address, or ends like a domain name: no owner of a Space has such a name. */
function looksLikeHost(word: string): boolean {
  return (
    word === "localhost" || /^\d+(\.\d+){3}$/.test(word) || /\.(space|live|com|org|net|io|dev|app|local)$/i.test(word)
  );
}

function proposal(name: string): string {
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(name);
  if (scheme) return ` The scheme of the app's address must be http or https, not ${scheme[1]}.`;
  if (/^\.{0,2}\//.test(name)) return " A relative address needs a page to resolve it: pass the whole URL.";
  if (name.includes("@")) return " An address with a user and a password begins with http:// or https://.";
  const host = name.split("/")[0]!;
  if (looksLikeHost(host)) return ` Did you mean "${/^[\d.]+$/.test(host) ? "http" : "https"}://${name}"?`;
  return "";
}
