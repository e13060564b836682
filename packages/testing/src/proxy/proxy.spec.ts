import { connect } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ServedApp, serveApp } from "../serve.ts";
import type { EventFault, Fault } from "./fault.ts";
import { EventRewriter } from "./events.ts";
import { type FaultProxy, faultProxy } from "./proxy.ts";
import { matches, Rules } from "./rules.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp({ "/echo": (text: string) => text });
});
afterAll(() => app.close());

async function open(...faults: Fault[]): Promise<FaultProxy> {
  const proxy = await faultProxy(app.url);
  onTestFinished(() => proxy.close());
  proxy.add(...faults.map((fault) => ({ method: "GET", path: "/config", fault })));
  return proxy;
}

const config = async (proxy: FaultProxy): Promise<Response> => await fetch(`${proxy.url}/config`);

/** Everything that a connection brings for one request, and how it ended. */
async function raw(proxy: FaultProxy): Promise<{ bytes: string; reset: boolean }> {
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  let bytes = "";
  let reset = false;
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => (bytes += text));
  socket.on("error", () => (reset = true));
  socket.write("GET /config HTTP/1.1\r\nhost: x\r\n\r\n");
  await new Promise((resolve) => socket.on("close", resolve));
  return { bytes, reset };
}

test("without a rule nothing is changed, and all requests are recorded", async () => {
  const proxy = await open();
  const direct: unknown = await (await fetch(`${app.url}/config`)).json();
  const through = JSON.stringify(await (await config(proxy)).json()).replaceAll(proxy.url, app.url);
  expect(JSON.parse(through)).toEqual(direct);
  const posted = await fetch(`${proxy.url}/gradio_api/queue/join`, { method: "POST", body: "{}" });
  expect(posted.status).toBe(422);
  expect(proxy.count("GET", "/config")).toBe(1);
  expect(proxy.count("POST", "/queue/join", { forwarded: true })).toBe(1);
});

test("a rule applies to matching requests from the nth on, as often as it says, and then no more", async () => {
  const proxy = await faultProxy(app.url);
  onTestFinished(() => proxy.close());
  proxy.add({ path: "/config", nth: 2, times: 2, fault: { answer: { status: 503 } } });
  const statuses: number[] = [];
  for (let turn = 0; turn < 4; turn++) statuses.push((await config(proxy)).status);
  expect(statuses).toEqual([200, 503, 503, 200]);
  expect(proxy.requests.map(({ forwarded }) => forwarded)).toEqual([true, false, false, true]);
});

test("paths are matched from their end, segment by segment", () => {
  expect(matches({ path: "/queue/join" }, "POST", "/sub/gradio_api/queue/join")).toBe(true);
  expect(matches({ path: "/heartbeat/*" }, "GET", "/heartbeat/abc")).toBe(true);
  expect(matches({ path: "/heartbeat/*" }, "GET", "/heartbeat/abc/d")).toBe(false);
  expect(matches({ path: "/file=**" }, "GET", "/gradio_api/file=/tmp/a/b.txt")).toBe(true);
  expect(matches({}, "OPTIONS", "/config")).toBe(false);
  const rules = new Rules();
  rules.add([
    { path: "/a", fault: { raw: "first" } },
    { path: "/a", fault: { raw: "second" } },
  ]);
  expect([rules.faultFor("GET", "/a"), rules.faultFor("GET", "/a")]).toEqual([{ raw: "first" }, undefined]);
});

test.each<[string, Fault, RegExp, boolean]>([
  ["closed unread", { breaks: { at: "request", how: "close" } }, /^$/, false],
  ["reset unread", { breaks: { at: "request", how: "reset" } }, /^$/, true],
  ["closed in the head", { breaks: { at: "head", how: "close" } }, /^HTTP\/1\.1 200 OK\r\n(?!.*\r\n\r\n)/s, false],
  ["closed in the body", { breaks: { at: { byte: 5 }, how: "close" } }, /\r\n\r\n.{5}$/s, false],
  ["reset in the body", { breaks: { at: { byte: 5 }, how: "reset" } }, /\r\n\r\n.{5}$/s, true],
  ["not HTTP", { raw: "hello" }, /^hello$/, false],
  ["HTTP/1.0", { head: { version: "1.0" } }, /^HTTP\/1\.0 200 OK\r\n.*connection: close/s, false],
])("%s", async (_, fault, bytes, reset) => {
  const seen = await raw(await open(fault));
  expect(seen.bytes).toMatch(bytes);
  expect(seen.reset).toBe(reset);
});

test("a body is sent in pieces, compressed, or with replaced text", async () => {
  const plain = await (await fetch(`${app.url}/config`)).text();
  const pieces = await open({ head: { frame: "chunked" }, body: { pieces: 11 } }, { body: { encoding: "gzip" } });
  for (let turn = 0; turn < 2; turn++)
    expect((await (await config(pieces)).text()).replaceAll(pieces.url, app.url)).toBe(plain);
  const changed = await open({ body: { replace: { '"title":"Gradio"': '"title":"Other"' } } });
  expect(await (await config(changed)).json()).toMatchObject({ title: "Other" });
});

test("a compressed bomb is small on the wire", async () => {
  const proxy = await open({ answer: { bomb: 20_000_000 } });
  const { bytes } = await raw(await open({ answer: { bomb: 20_000_000 }, head: { headers: { connection: "close" } } }));
  expect(bytes.length).toBeLessThan(100_000);
  expect((await (await config(proxy)).text()).trim()).toBe("{}");
});

test("connections are refused, and then accepted again at the same address", async () => {
  const proxy = await open();
  await config(proxy);
  await proxy.refuse();
  expect(proxy.openConnections).toBe(0);
  await expect(config(proxy)).rejects.toBeInstanceOf(TypeError);
  await proxy.accept();
  expect((await config(proxy)).status).toBe(200);
});

const rewrite = (fault: EventFault, ...messages: object[]): string => {
  const rewriter = new EventRewriter(fault);
  const text = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
  return rewriter
    .push(new TextEncoder().encode(text))
    .map((event) => event.text)
    .join("");
};

test("events are rewritten, removed, repeated and added", () => {
  const [one, two] = [
    { msg: "a", event_id: "1" },
    { msg: "b", event_id: "2" },
  ];
  expect(rewrite({ lineEnd: "\r\n", bare: true, lines: "id: 7\n" }, one)).toBe(
    'id: 7\r\ndata:{"msg":"a","event_id":"1"}\r\n\r\n',
  );
  expect(rewrite({ split: true }, one)).toBe('data: {\ndata: "msg":"a","event_id":"1"\ndata: }\n\n');
  expect(rewrite({ edits: [{ msg: "a", do: "drop" }] }, one, two)).toBe(rewrite({}, two));
  expect(rewrite({ edits: [{ msg: "b", do: "double" }] }, one, two)).toBe(rewrite({}, one, two, two));
  const beside = rewrite({ edits: [{ msg: "a", do: "before", with: [{ msg: "c", event_id: "$id" }] }] }, one);
  expect(beside).toBe(rewrite({}, { msg: "c", event_id: "1" }, one));
});
