import { type Client, eventStreamResponse } from "@gradio-rx/node";
import { gradioProxy } from "@gradio-rx/node/proxy";

export function proxyOf(url: string): (request: Request) => Promise<Response> {
  // #region proxy
  const handler = gradioProxy({
    apps: { texts: { app: url, endpoints: ["/greet", "/write"] } },
    token: process.env["HF_TOKEN"],
    authorize: (request) => request.headers.has("cookie"), // your own check of the visitor
  });
  // #endregion proxy
  return handler;
}

export function relay(client: Client): (request: Request) => Promise<Response> {
  // #region relay
  async function POST(request: Request): Promise<Response> {
    const { topic } = (await request.json()) as { topic: string };
    return eventStreamResponse(client.submit("/write", [topic]));
  }
  // #endregion relay
  return POST;
}
