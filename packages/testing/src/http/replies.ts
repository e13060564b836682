/** A JSON answer. */
export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });
}

/** A plain text answer. */
export function textReply(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}

/** A refusal that names its reason in `detail`. */
export function detailReply(status: number, detail: unknown, headers: Record<string, string> = {}): Response {
  return jsonReply({ detail }, status, headers);
}

/** The answer to a request that the server did not foresee. It carries no CORS headers, in Gradio as here. */
export function unforeseen(): Response {
  return textReply("Internal Server Error", 500);
}
