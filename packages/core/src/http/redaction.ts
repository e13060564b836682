/** Patterns of secrets in a text: Hub tokens, authorization and cookie headers, `x-…` headers, signed URLs. */
const secret =
  /hf_\w{8,}|\b(?:bearer|basic) +[\w.~+/=-]{8,}|__sign=[^\s&"'<>]+|\b(?:authorization|cookie|x-[\w-]{1,60})\\?["']? ?[:=] ?\\?["']?[^\s"'\\,;]+/gi;
/** Pattern of a user name and password in a URL. */
const userInfo = /(:\/\/)[^\s/?#@"'<>]{1,200}@/g;

/** Replaces secrets in a text of a server or of the platform. A server may repeat what it received. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(secret, "…").replaceAll(userInfo, "$1…@");
}

// oxlint-disable-next-line no-control-regex -- these are the characters to replace
const control = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Returns a text with spaces for control and direction characters, which could clear a terminal or add lines to a log. */
export function printable(untrusted: string): string {
  return untrusted.replaceAll(control, " ");
}

/** Returns a text with spaces for control and direction characters; tabs and line feeds stay. */
export function printableLines(untrusted: string): string {
  return untrusted.replaceAll("\r\n", "\n").replace(/[^\t\n]+/g, printable);
}
