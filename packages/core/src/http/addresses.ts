/** Whether an address is one of the web, without a user or a password: those end up in errors, and `fetch` refuses them. */
export function isPlainAddress({ protocol, username, password }: URL): boolean {
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}

/** What a secret looks like in somebody else's words: tokens of the Hub, headers that prove who one is, signed addresses. */
const secret =
  /hf_\w{8,}|\b(?:bearer|basic) +[\w.~+/=-]{8,}|__sign=[^\s&"'<>]+|\b(?:authorization|cookie|x-[\w-]{1,60})\\?["']? ?[:=] ?\\?["']?[^\s"'\\,;]+/gi;
/** A user and a password in an address. */
const user = /(:\/\/)[^\s/?#@"'<>]{1,200}@/g;

/** A text of a server's, or of the platform's, that may be told: a server that repeats what it was sent tells no secret. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(secret, "…").replaceAll(user, "$1…@");
}
