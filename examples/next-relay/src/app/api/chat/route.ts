import { eventStreamResponse } from "@gradio-rx/node";
import { clientOfVisitor } from "../../../lib/visitors";

/** Relays the events of a call. If the page goes away, the call is cancelled at the app. */
export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const message = (body as { message?: unknown } | undefined)?.message;
  if (typeof message !== "string" || message.length > 4_000)
    return Response.json({ detail: "The message is not a text of at most 4,000 characters." }, { status: 400 });
  const client = await clientOfVisitor();
  return eventStreamResponse(client.submit("/chat", { message, history: [] }, { signal: request.signal }));
}
