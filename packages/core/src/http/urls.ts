/** Name of the query parameter that carries the signature of a private Space's file (PROTOCOL.md, 1.8). */
const SIGNATURE = "__sign";

/**
 * Encodes a text as one part of a path or a query. A text of an app may have half of a surrogate pair, for which
 * `encodeURIComponent` throws: it becomes U+FFFD.
 */
export function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Whether a URL is http(s) without a user name or password. Those end up in errors, and `fetch` rejects them. */
export function isPlainUrl({ protocol, username, password }: URL): boolean {
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}

/** Returns a URL without its query and fragment, which may hold secrets. */
export function redactedUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Adds a signature to a file's URL, for places where no header can be sent. */
export function signedUrl(address: string, token: string): string {
  const url = new URL(address);
  url.searchParams.set(SIGNATURE, token);
  return url.href;
}

/** Removes the signature from a file's URL. Where headers can be sent it is not needed, and it is a secret. */
export function unsignedUrl(address: string): string {
  if (!address.includes(`${SIGNATURE}=`) || !URL.canParse(address)) return address;
  const url = new URL(address);
  url.searchParams.delete(SIGNATURE);
  return url.href;
}
