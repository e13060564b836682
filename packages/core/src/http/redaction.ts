/** Patterns of secrets in a text: Hub tokens, authorization and cookie headers, `x-…` headers, signed URLs. */
const secret =
  /hf_\w{8,}|\b(?:bearer|basic) +[\w.~+/=-]{8,}|__sign=[^\s&"'<>]+|\b(?:authorization|cookie|x-[\w-]{1,60})\\?["']? ?[:=] ?\\?["']?[^\s"'\\,;]+/gi;
/** Pattern of a user name and password in a URL. */
const userInfo = /(:\/\/)[^\s/?#@"'<>]{1,200}@/g;

/** Replaces secrets in a text of a server or of the platform. A server may repeat what it received. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(secret, "…").replaceAll(userInfo, "$1…@");
}
