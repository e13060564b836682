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

/** Response headers that reach a browser. Others are removed: an app may repeat the request's headers, with credentials. */
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

/** Types that browsers display without executing anything. Files of other types are saved. */
const harmless =
  /^(image\/(?!svg)|audio\/|video\/|font\/|text\/(plain|csv|event-stream)\b|application\/(json|octet-stream|vnd\.apple\.mpegurl|x-mpegurl)\b)/i;

/** Headers of every answer: browsers neither guess its type nor execute it. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "sandbox",
  "x-content-type-options": "nosniff",
};

/** Returns the headers of a request to the app, without cookies and credentials of the site. */
export function forApp(request: Request, forward: readonly string[]): Headers {
  const headers = new Headers({ "accept-encoding": "identity" });
  for (const name of [...requestHeaders, ...forward]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** Returns the headers of an app's answer for the browser. */
export function forBrowser(answer: Response): Headers {
  const headers = new Headers();
  // `fetch` decompresses a compressed body, which changes its length.
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

/** Returns the same content disposition, as an attachment. */
function asAttachment(disposition: string | null): string {
  const parameters = disposition?.split(";").slice(1).join(";").trim();
  return parameters ? `attachment; ${parameters}` : "attachment";
}
