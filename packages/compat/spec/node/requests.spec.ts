import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, FileData } from "@gradio-rx/compat";
import { endpoint, file, serveApp, type ServedApp } from "@gradio-rx/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    "/greet": (name: string) => `Hello ${name}`,
    "/copy": endpoint({ inputs: [file("in")], outputs: [file("out")], fn: (one: File) => one }),
  });
});

afterAll(async () => await app.close());

interface Seen {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
}

/** Starts a server in front of the app, which records the requests. */
async function front(): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => void pass(request, response));
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = "/", method = "GET", headers } = request;
    seen.push({ path: url, method, headers });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { host: _, connection: __, ...rest } = headers;
    const body = method === "GET" ? {} : { body: Buffer.concat(parts) };
    const answer = await fetch(new URL(url, app.url), { method, headers: rest as HeadersInit, ...body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    for await (const part of answer.body ?? []) response.write(part);
    response.end();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

test("set_cookies and the option cookies are sent with later requests, to the app alone", async () => {
  const [first, other] = [await front(), await front()];
  const client = await Client.connect(first.url, { cookies: "a=1" });
  expect(first.seen.every(({ headers }) => headers.cookie === "a=1")).toBe(true);
  client.set_cookies("session=x; Path=/; HttpOnly, theme=dark; Expires=Wed, 21 Oct 2099 07:28:00 GMT");
  const before = first.seen.length;
  await client.predict("/greet", ["you"]);
  expect(first.seen.slice(before).map(({ headers }) => headers.cookie)).toContain("session=x; theme=dark");
  expect(first.seen.slice(before).every(({ headers }) => headers.cookie === "session=x; theme=dark")).toBe(true);
  await client.fetch(`${other.url}config`);
  expect(other.seen.map(({ headers }) => headers.cookie)).toEqual([undefined]);
  client.close();
});

test("a subclass's fetch sends every request of the client, with super.fetch as well", async () => {
  const { url, seen } = await front();
  const asked: string[] = [];
  class Traced extends Client {
    override async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      asked.push(`${init?.method ?? "GET"} ${new URL(input instanceof Request ? input.url : input).pathname}`);
      return await super.fetch(input, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init?.headers)), "x-traced": "yes" },
      });
    }
  }
  const client = await Traced.connect(url, { headers: { "x-own": "1" } });
  expect((await client.predict("/greet", ["you"])).data).toEqual(["Hello you"]);
  const { data } = await client.predict<[FileData]>("/copy", [new File(["hello"], "a.txt")]);
  expect(data[0].orig_name).toBe("a.txt");
  expect(await (await client.fetch(`${url}config`)).json()).toMatchObject({ app_id: client.config!.app_id });
  client.close();
  expect(seen.filter(({ headers }) => headers["x-traced"] !== "yes" || headers["x-own"] !== "1")).toEqual([]);
  expect(asked).toEqual(
    expect.arrayContaining(["GET /config", "POST /gradio_api/queue/join", "POST /gradio_api/upload"]),
  );
});

test("fetch sends forms, bytes and parameters, and refuses other methods", async () => {
  const { url, seen } = await front();
  const client = await Client.connect(url);
  const form = new FormData();
  form.append("files", new File(["hello"], "a.txt"));
  const uploaded = await client.fetch(`${url}gradio_api/upload`, { method: "POST", body: form });
  expect(await uploaded.json()).toEqual([expect.stringContaining("a.txt")]);
  await client.fetch(new Request(`${url}gradio_api/x`, { method: "POST", body: new URLSearchParams({ a: "b c" }) }));
  expect(seen.at(-1)!.headers["content-type"]).toContain("application/x-www-form-urlencoded");
  await expect(client.fetch(url, { method: "DELETE" })).rejects.toThrow("GET and POST, not DELETE");
  client.close();
});

test("post_data sends any JSON value, and returns the status of an answer that is not JSON", async () => {
  const { url } = await front();
  const client = await Client.connect(url);
  const [joined, accepted] = await client.post_data(`${url}gradio_api/queue/join`, {
    data: ["you"],
    fn_index: 0,
    session_hash: "posted",
  });
  expect([Object.keys(joined), accepted]).toEqual([["event_id"], 200]);
  const [refused, status] = await client.post_data(`${url}gradio_api/queue/join`, "text");
  expect(status).toBeGreaterThanOrEqual(400);
  expect(refused).toBeTypeOf("object");
  const [unknown, missing] = await client.post_data(`${url}nothing`, null);
  expect(missing).toBe(404);
  expect(unknown).toBeTypeOf("object");
});

test("view_api describes the function of a simple app as the first one too", async () => {
  const simple = await serveApp({ "/predict": (name: string) => name });
  onTestFinished(() => simple.close());
  const client = await Client.connect(simple.url);
  const { named_endpoints: named, unnamed_endpoints: unnamed } = await client.view_api();
  expect(unnamed["0"]).toEqual(named["/predict"]);
  expect(named["/predict"]?.parameters).toHaveLength(1);
});
