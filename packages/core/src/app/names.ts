import { InputError } from "../errors.ts";
import { appAddress, type AppReference } from "./address.ts";

/**
 * Reads what names an app: a whole address, a host without its scheme, where that can only be one, or a Space id.
 *
 * @throws InputError for anything else, with what was probably meant.
 */
export function readName(app: unknown, hub: URL): AppReference {
  if (app instanceof URL) return page(address(app.href), hub);
  if (typeof app !== "string") throw new InputError("An app is named by its URL or by its Space id, as a string.");
  const name = app.trim();
  if (name === "") throw new InputError('The name of the app is empty. Give its URL, or its Space id "owner/name".');
  if (/^https?:/i.test(name)) return page(address(name), hub);
  const scheme = bareScheme(name, hub);
  if (scheme !== null) return page(address(`${scheme}//${name}`), hub);
  if (/^[\w][\w.-]*\/[\w][\w.-]*$/.test(name) && !looksLikeHost(name.split("/")[0]!)) return { space: name };
  throw new InputError(`${shown(name)} is neither a URL nor a Space id "owner/name".${proposal(name)}`);
}

/** The Space whose page an address is, or lies under, else the address itself. */
function page(url: URL, hub: URL): AppReference {
  const [, owner, name] = /^\/spaces\/([\w.-]+)\/([\w.-]+)\//.exec(url.pathname) ?? [];
  // A link to the public Hub names a Space on a Hub of one's own too: that is where it is asked for.
  const ofHub = url.origin === hub.origin || /^(www\.)?(huggingface|hf)\.co$/.test(url.hostname);
  return ofHub && owner && name ? { space: `${owner}/${name}` } : { url };
}

function address(text: string): URL {
  // The platform's own error would repeat what may hold a password.
  if (!URL.canParse(text)) throw new InputError(`${shown(text)} is not a URL.`);
  const url = appAddress(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InputError(`An app is reached by http or https, not by ${url.protocol}`);
  if (url.username !== "" || url.password !== "")
    throw new InputError("The address of an app must not hold a user or a password.");
  return url;
}

/** The scheme of a host that was written without one; `null` where it could be another, or is no host. */
function bareScheme(name: string, hub: URL): string | null {
  if (name.includes("@")) return null;
  if (name.startsWith(`${hub.host}/spaces/`)) return hub.protocol;
  if (/^(www\.)?(huggingface|hf)\.co\/spaces\//.test(name)) return "https:";
  const [, host = "", port] = /^([\w.-]+|\[[\da-f:]+\])(:\d+)?(?:[/?#]|$)/i.exec(name) ?? [];
  if (/\.(hf\.space|gradio\.live)$/i.test(host)) return "https:";
  return port !== undefined || /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1\])$/i.test(host) ? "http:" : null;
}

/** A name for a sentence, without what may be a user and a password. */
function shown(name: string): string {
  const at = name.lastIndexOf("@");
  return JSON.stringify(at < 0 ? name : `…${name.slice(at)}`);
}

/** `localhost`, an address of numbers, or a name that ends like a host's: no owner of a Space. */
function looksLikeHost(word: string): boolean {
  return (
    word === "localhost" || /^\d+(\.\d+){3}$/.test(word) || /\.(space|live|com|org|net|io|dev|app|local)$/i.test(word)
  );
}

function proposal(name: string): string {
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(name);
  if (scheme) return ` An app is reached by http or https, not by ${scheme[1]}.`;
  if (name.includes("@")) return "";
  const host = name.split("/")[0]!;
  if (looksLikeHost(host)) return ` Did you mean "${/^[\d.]+$/.test(host) ? "http" : "https"}://${name}"?`;
  return "";
}
