/** Request headers that reach an app. */
const requestHeaders = [
  "accept",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "last-event-id",
  "range",
  "x-gradio-user",
];

/** Response headers that reach a browser. An app may answer with the request's own headers, credentials included. */
const responseHeaders = [
  "accept-ranges",
  "cache-control",
  "content-disposition",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "retry-after",
];

/** Types that browsers show without running anything of them. All others are saved. */
const harmless =
  /^(image\/(?!svg)|audio\/|video\/|font\/|text\/(plain|csv|event-stream)\b|application\/(json|octet-stream|vnd\.apple\.mpegurl|x-mpegurl)\b)/i;

/** Headers that every answer has: browsers neither guess its type nor run anything of it. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "sandbox",
  "x-content-type-options": "nosniff",
};

/** The headers of a request for the app, without cookies and credentials of the site. */
export function forApp(request: Request, forward: readonly string[]): Headers {
  const headers = new Headers({ "accept-encoding": "identity" });
  for (const name of [...requestHeaders, ...forward]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** The headers of an app's answer for the browser. */
export function forBrowser(answer: Response): Headers {
  const headers = new Headers();
  // A body that was compressed all the same is unpacked by `fetch`, and has another length then.
  const isUnpacked = answer.headers.has("content-encoding") && answer.headers.get("content-encoding") !== "identity";
  for (const name of responseHeaders) {
    const value = answer.headers.get(name);
    if (value !== null && !(isUnpacked && (name === "content-length" || name === "content-range")))
      headers.set(name, value);
  }
  for (const [name, value] of Object.entries(safeHeaders)) headers.set(name, value);
  const type = headers.get("content-type") ?? "";
  if (!harmless.test(type)) headers.set("content-disposition", asAttachment(headers.get("content-disposition")));
  if (/^text\/event-stream\b/i.test(type)) {
    headers.set("cache-control", "no-cache, no-transform");
    headers.set("x-accel-buffering", "no");
  }
  return headers;
}

/** The same disposition, as an attachment. */
function asAttachment(disposition: string | null): string {
  const parameters = disposition?.split(";").slice(1).join(";").trim();
  return parameters ? `attachment; ${parameters}` : "attachment";
}
