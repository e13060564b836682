import { type FileData, GradioError } from "#sdk";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dependencies, file, gave, hostileApp, otherServer } from "./hostile.ts";
import { connect, expectBare, leaks, secretCall, secrets, thrown, words } from "./secrets.ts";

test("a root on another host redirects no request", async () => {
  const other = await otherServer();
  const app = await hostileApp({ config: { root: other.url }, messages: [gave(file("/tmp/a.txt"))] });
  const client = await connect(app.url);
  expect(client.app.url).toBe(`${app.url}/`);
  const shown = await client.predict<FileData>("/show", [], secretCall);
  expect(shown.url).toBe(`${app.url}/gradio_api/file=/tmp/a.txt`);
  await client.download(shown, { dir: tmpdir() });
  await client.upload([new Blob(["x"])]);
  await client.resetSession();
  await client.predict("/show");
  expect(other.seen).toEqual([]);
});

test("a root is used to recognize the app's own URLs, whatever root it announces", async () => {
  const app = await hostileApp({
    config: { root: "https://public.example/app" },
    messages: [gave(file("a", { url: "https://public.example/app/playlist.m3u8", is_stream: true }))],
  });
  const client = await connect(app.url);
  expect((await client.predict<FileData>("/show")).url).toBe(`${app.url}/playlist.m3u8`);
});

test.each([
  "@evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "https://evil.example/",
  ":80@evil.example/",
  "../../..//evil.example",
  ".evil.example",
  "?x=",
  "#",
])("an api_prefix %j is a path of the app", async (prefix) => {
  const app = await hostileApp({ config: { api_prefix: prefix } });
  const client = await connect(app.url);
  await thrown(client.predict("/echo", ["x"], { timeout: 500 }));
  const parts = prefix.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  const path = parts.map((part) => `/${encodeURIComponent(part)}`).join("");
  expect(app.seen.map(({ url }) => url)).toContain(`${path}/queue/join`);
});

test("a host from the Hub that contains a user and a password is not used and not quoted", async () => {
  const app = await hostileApp();
  const host = app.url.replace("http://", `http://user:${secrets.input}@`);
  const hub = await hostileApp({
    trick: ({ url }, response) => url.startsWith("/api/") && (response.end(JSON.stringify({ host })), true),
  });
  const error = await thrown(connect("owner/name", { hubUrl: hub.url }));
  expect(error).toMatchObject({ code: "protocol" });
  expect(leaks(words(error))).toEqual([]);
  expect(app.seen).toEqual([]);
});

test("a path of the app that leads to another host is rejected when a URL is made", async () => {
  const { Http } = await import("../../packages/core/src/http/request.ts");
  const { Secrets } = await import("../../packages/core/src/http/secrets.ts");
  const http = Object.create(Http.prototype) as InstanceType<typeof Http>;
  Object.assign(http, { settings: { base: new URL("http://app.test/"), secrets: new Secrets() } });
  for (const path of ["//evil.example/x", "http://evil.example/", "/\\evil.example", "\\\\evil.example"])
    expect(() => http.url(path), path).toThrow(GradioError);
  expect(http.url("/@evil.example").href).toBe("http://app.test/@evil.example");
});

test("a file on another host, by its URL or by its path, is fetched without data of the caller", async () => {
  const other = await otherServer();
  for (const elsewhere of [file(`${other.url}/by-path`), file("a", { url: `${other.url}/by-url`, is_stream: true })]) {
    const app = await hostileApp({ messages: [gave(elsewhere)] });
    const client = await connect(app.url);
    await client.download(await client.predict<FileData>("/show"), { dir: tmpdir() });
  }
  expect(other.seen.map(({ url }) => url)).toEqual(["/by-path", "/by-url"]);
  expectBare(other);
});

test.each([
  "javascript:alert(1)",
  "file:///etc/passwd",
  "data:text/html,x",
  "blob:http://x/1",
  "vbscript:x",
  "http://",
  "\u0000",
])("the URL %j of a file is not passed on, because pages use URLs in links", async (url) => {
  for (const is_stream of [true, false]) {
    const app = await hostileApp({ messages: [gave(file("/tmp/a.txt", { url, is_stream }))] });
    const shown = await (await connect(app.url)).predict<FileData>("/show");
    expect(new URL(shown.url).origin).toBe(app.url);
  }
});

test("the WebSocket of Gradio 3 connects to the app, whatever root it announces", async () => {
  const other = await otherServer();
  const app = await hostileApp({
    config: { version: "3.50.2", protocol: undefined, api_prefix: undefined, root: other.url },
  });
  const client = await connect(app.url);
  expect(await thrown(client.predict("/echo", [secrets.input], secretCall))).toBeInstanceOf(GradioError);
  expect(leaks(JSON.stringify(app.of("/queue/join")[0]))).toContain(secrets.token);
  expect(other.seen).toEqual([]);
});

test("the token is sent to the Hub of the caller's options, and other secrets are not", async () => {
  const hub = await otherServer();
  await thrown(connect("owner/name", { hubUrl: hub.url }));
  expect(hub.seen.length).toBeGreaterThan(0);
  for (const request of hub.seen) expect(leaks(JSON.stringify(request))).toEqual([secrets.token]);
});

test("a segment of a playlist on another host is requested without data of the caller", async () => {
  const other = await otherServer((_, response) => (response.end("part"), true));
  const app = await hostileApp({
    messages: [gave(file("p.m3u8", { url: "/gradio_api/stream/a/playlist.m3u8", is_stream: true }))],
    trick: ({ url }, response) =>
      url.endsWith(".m3u8") && (response.end(`#EXTM3U\n${other.url}/part.ts\n#EXT-X-ENDLIST\n`), true),
  });
  const client = await connect(app.url);
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  await client.download(await client.predict<FileData>("/show"), { dir });
  expect(other.seen.map(({ url }) => url)).toEqual(["/part.ts"]);
  expectBare(other);
});

test.each(["../../../evil", "//evil.example/", "a/b?c#d", "\ud800", "e 1"])(
  "the event id %j is one part of a path of the app",
  async (id) => {
    const app = await hostileApp({
      config: {
        dependencies: [{ ...dependencies[0], connection: "stream", types: { generator: true, cancel: false } }],
      },
      trick: ({ url }, response) => {
        if (url.includes("/queue/join")) response.end(JSON.stringify({ event_id: id }));
        else if (url.includes("/queue/data"))
          response.write(`data: ${JSON.stringify({ msg: "process_starts", event_id: id })}\n\n`);
        else return false;
        return true;
      },
    });
    const client = await connect(app.url);
    const job = client.submit("/echo", ["x"]);
    for await (const event of job) if (event.type === "status" && event.stage === "processing") break;
    await job.send(["y"]);
    const path = `/gradio_api/stream/${encodeURIComponent(id.toWellFormed())}`;
    expect(app.seen.map(({ url }) => url)).toContain(path);
    await job.cancel();
  },
);

test("the path of a file with half of a surrogate pair gives an address of the app", async () => {
  const app = await hostileApp({ messages: [gave(file("/tmp/\ud800.txt"))] });
  const shown = await (await connect(app.url)).predict<FileData>("/show");
  expect(shown.url).toBe(`${app.url}/gradio_api/file=/tmp/%EF%BF%BD.txt`);
});
