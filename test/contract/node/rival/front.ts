import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { serveApp } from "@gradio-rx/testing";
import { onTestFinished } from "vitest";

/** Starts a server that passes requests on to an app, and may change its configuration. */
export async function front(app: string, change: (config: object, own: string) => object = (config) => config) {
  const seen: IncomingMessage[] = [];
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pass = async (request: IncomingMessage): Promise<Response> => {
    const { url = "/", method = "GET", headers } = request;
    seen.push(request);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { host: _, connection: __, ...rest } = headers;
    const body = method === "GET" ? {} : { body: Buffer.concat(parts) };
    const answer = await fetch(new URL(url, app), { method, headers: rest as HeadersInit, ...body });
    return /\/config\b/.test(url) ? Response.json(change((await answer.json()) as object, address())) : answer;
  };
  const server = createServer((request, response) => {
    const answered = async (): Promise<void> => {
      const answer = await pass(request);
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      for await (const part of answer.body ?? []) response.write(part);
      response.end();
    };
    void answered().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: address(), seen };
}

/** A configuration of an app that does not announce its address. */
export const anonymous = (config: object): object => ({ ...config, root: "" });

/** Starts an app for one script. */
export async function greeter(): Promise<string> {
  const app = await serveApp({ "/greet": (name: string) => `Hello ${name}` });
  onTestFinished(() => app.close());
  return app.url;
}
