import { once } from "node:events";
import { type Agent, createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import {
  AppFailure,
  type CallContext,
  endpoint,
  type FaultProxy,
  faultProxy,
  file,
  serveApp,
  type ServedApp,
  textbox,
} from "@gradio-rx/testing";
import { gradioProxy, type GradioProxyOptions, type RequestHandler, toNodeListener } from "@gradio-rx/node/proxy";

/** A site with a proxy, and the app behind it. */
export interface Site {
  /** Address of the site. */
  url: string;
  /** Address of the app in the proxy. */
  appUrl: string;
  app: ServedApp;
  /** Stands before the app: what reached it, and answers of a test's own. */
  upstream: FaultProxy;
  handler: RequestHandler;
}

/** Serves an app, and a site with a proxy for it under the name `me/app`. */
export async function openSite(
  options: Partial<GradioProxyOptions> = {},
  more: { auth?: [string, string] } = {},
): Promise<Site> {
  const app = await serveApp(
    {
      "/greet": (name: string) => `Hello ${name}`,
      "/secret": () => "secret",
      async *"/write"(topic: string, { signal }: CallContext) {
        yield topic;
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
      "/fail": () => {
        throw new AppFailure("no luck");
      },
      "/exact": (number: unknown) => String(number),
      "/copy": endpoint({ inputs: [file("file")], outputs: [file("copy")], fn: (given: File) => given }),
      "/size": endpoint({
        inputs: [file("file")],
        outputs: [textbox("size")],
        fn: (given: File) => String(given.size),
      }),
    },
    more,
  );
  const upstream = await faultProxy(app.url);
  const settings = more.auth ? { app: upstream.url, auth: more.auth } : upstream.url;
  const handler = gradioProxy({ apps: { "me/app": settings }, ...options });
  const url = await serve(handler);
  onTestFinished(async () => {
    await upstream.close();
    await app.close();
  });
  return { url, appUrl: `${url}/api/gradio/me/app/`, app, upstream, handler };
}

/** Serves a handler on loopback. */
export async function serve(handler: RequestHandler): Promise<string> {
  const listener = toNodeListener(handler);
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith("/api/gradio/")) return listener(incoming, outgoing);
    outgoing.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>site</title>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends a request as it is: `fetch` would tidy up its path and its headers. */
export async function raw(
  base: string,
  path: string,
  {
    method = "GET",
    headers = {},
    body,
    agent,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer; agent?: Agent } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const sent = send({ hostname, port, path, method, headers, agent });
  sent.end(body);
  const [incoming] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: text };
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`This did not come to hold: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
