/** Where an app is: an address, or the name of a Space on the Hub. */
export type AppReference = { url: URL } | { space: string };

/** The Hub's address, with a slash at its end. */
export function hubAddress(hubUrl = "https://huggingface.co"): URL {
  return new URL(`${hubUrl.replace(/\/+$/, "")}/`);
}

/** An address as that of an app: a slash at its end, its query and hash dropped (PROTOCOL.md, 1.1). */
export function appAddress(text: string): URL {
  const url = new URL(text);
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
