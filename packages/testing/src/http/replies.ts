/** Creates a JSON response. */
export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });
}

/** Creates a plain text response. */
export function textReply(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}

/** Creates an error response with its reason in `detail`. */
export function detailReply(status: number, detail: unknown, headers: Record<string, string> = {}): Response {
  return jsonReply({ detail }, status, headers);
}

/** Creates the response to a request whose handler threw an error. As in Gradio it has no CORS headers. */
export function internalError(): Response {
  return textReply("Internal Server Error", 500);
}
