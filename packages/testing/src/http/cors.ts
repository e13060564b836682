const LOCAL_NAMES = ["localhost", "127.0.0.1", "0.0.0.0"];

/** Responds to a CORS preflight request; returns `undefined` for any other request. */
export function preflight(request: Request): Response | undefined {
  const { headers, method } = request;
  if (method !== "OPTIONS" || !headers.has("origin") || !headers.has("access-control-request-method")) return undefined;
  const asked = headers.get("access-control-request-headers");
  return new Response("OK", {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
      "access-control-max-age": "600",
      "access-control-allow-credentials": "true",
      ...allowedOrigin(request),
      ...(asked === null ? {} : { "access-control-allow-headers": asked }),
    },
  });
}

/** Adds the headers that let pages of other origins read a response. */
export function allowOrigin(request: Request, response: Response): Response {
  if (!request.headers.has("origin")) return response;
  response.headers.set("access-control-allow-credentials", "true");
  for (const [name, value] of Object.entries(allowedOrigin(request))) response.headers.set(name, value);
  if (response.headers.has("access-control-allow-origin")) response.headers.append("vary", "Origin");
  return response;
}

/** Allows only local origins on a local host, and every origin on any other host. */
function allowedOrigin(request: Request): Record<string, string> {
  const origin = request.headers.get("origin") ?? "";
  const host = hostName(request.headers.get("host") ?? new URL(request.url).host);
  const allowed = !LOCAL_NAMES.includes(host) || LOCAL_NAMES.includes(hostName(origin));
  return allowed ? { "access-control-allow-origin": origin } : {};
}

function hostName(address: string): string {
  const url = address.includes("://") ? address : `http://${address}`;
  return URL.canParse(url) ? new URL(url).hostname : "";
}
