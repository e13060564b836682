import { Agent } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { Client as PageClient, type FileData } from "@gradio-rx/web";
import { AuthenticationError, InputError, SpaceError, type SpaceStatus } from "@gradio-rx/core";
import { gradioProxy } from "@gradio-rx/node/proxy";
import { serveApp } from "@gradio-rx/testing";
import { Hub } from "../../../../test/servers/hub.ts";
import { openSite, raw, serve, type Site, until } from "./site.ts";

vi.setConfig({ testTimeout: 60_000 });

const TOKEN = "hf_the_token_of_the_site";

/** The client of a page, in Node: it has no cookies, and sends everything by `fetch`. */
async function connect(site: Site, options: object = {}): Promise<PageClient> {
  const client = await PageClient.connect("me/app", {
    proxy: `${site.url}/api/gradio`,
    fetch: (request) => fetch(request),
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

const join = (fnIndex: unknown, more: object = {}): string =>
  JSON.stringify({ data: ["you"], fn_index: fnIndex, session_hash: "abcdef", ...more });
const json = { "content-type": "application/json" };
const path = "/api/gradio/me/app/";

test("a page predicts, streams and moves files through the proxy, and only the app sees the token", async () => {
  const site = await openSite({ token: TOKEN });
  const client = await connect(site);
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  const file = await client.predict<FileData>("/copy", [new File(["content"], "a.txt")]);
  expect(file.url?.startsWith(site.appUrl)).toBe(true);
  expect(await (await client.download(file)).text()).toBe("content");
  await expect(client.predict("/fail")).rejects.toThrow("no luck");
  const { requests } = site.upstream;
  expect(requests.filter(({ headers }) => headers["authorization"] !== `Bearer ${TOKEN}`)).toEqual([]);
  const config = await raw(site.url, `${path}config`);
  expect(JSON.stringify(config)).not.toContain(TOKEN);
});

test("a function gives the token for each request", async () => {
  const site = await openSite({ token: (request) => `hf_${request.headers.get("x-user") ?? "anonymous"}` });
  await raw(site.url, `${path}config`, { headers: { "x-user": "ada" } });
  expect(site.upstream.requests.at(-1)?.headers["authorization"]).toBe("Bearer hf_ada");
});

test("when the browser goes, the app is left", async () => {
  const site = await openSite();
  const client = await connect(site);
  const job = client.submit("/write", ["cats"]);
  await until(() => job.outputs().length === 1 && site.app.running === 1);
  const abort = new AbortController();
  const stream = await fetch(`${site.appUrl}gradio_api/heartbeat/abc`, { signal: abort.signal });
  const { openStreams } = site.app;
  abort.abort();
  await until(() => site.app.openStreams === openStreams - 1);
  expect(stream.status).toBe(200);
  await client.close();
  await until(() => site.app.openStreams === 0);
});

test("a body that is cancelled leaves the app as well", async () => {
  const site = await openSite();
  const answer = await site.handler(new Request(`${site.appUrl}gradio_api/heartbeat/abc`));
  await until(() => site.app.openStreams === 1);
  await answer.body!.cancel();
  await until(() => site.app.openStreams === 0);
});

test.each([
  ["another app", "GET", "/api/gradio/you/app/config"],
  ["a name that only begins alike", "GET", "/api/gradio/me/app2/config"],
  ["a name that another character follows", "GET", "/api/gradio/me/app-config"],
  ["a token", "GET", `${path}gradio_api/token`],
  ["a login", "POST", `${path}login`],
  ["a page", "GET", path],
  ["another app's files", "GET", `${path}gradio_api/proxy=https://evil.example/`],
  ["another server's file", "GET", `${path}gradio_api/file=http://169.254.169.254/`],
  ["another server's file, encoded", "GET", `${path}gradio_api/file=http%3A%2F%2F169.254.169.254%2F`],
  ["another server's file, without a scheme", "GET", `${path}gradio_api/file=//evil.example/x`],
  ["a way out", "GET", `${path}gradio_api/%2e%2e/%2e%2e/%2e%2e/%2e%2e/config`],
  ["an encoded way out", "GET", `${path}gradio_api/..%2f..%2ftoken`],
  ["a backslash", "GET", `${path}gradio_api/file=a\\..\\b`],
  ["an encoded backslash", "GET", `${path}gradio_api/file=a%5c..%5cb`],
  ["a way out of a folder", "GET", `${path}gradio_api/file=/tmp%2f..%2f..%2fetc/passwd`],
  ["a path with invalid UTF-8", "GET", `${path}gradio_api/file=%ff`],
  ["a twice encoded way out", "GET", `${path}gradio_api/call/%252e%252e/x`],
  ["a control character", "GET", `${path}gradio_api/file=a%00b`],
  ["another method", "DELETE", `${path}config`],
  ["the queue's state", "GET", `${path}gradio_api/queue/status`],
])("%s is refused, and the app is not asked", async (_, method, target) => {
  const site = await openSite();
  const answer = await raw(site.url, target, { method });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body)).toEqual({ detail: expect.any(String) });
  expect(site.upstream.requests).toEqual([]);
});

test("with a list of endpoints others are refused, by index, by path, and however the body names them", async () => {
  const site = await openSite();
  const { endpoints } = await connect(site);
  const index = (name: string): number => endpoints.find((one) => one.name === name)!.index;
  const handler = gradioProxy({ apps: { "me/app": { app: site.upstream.url, endpoints: ["greet"] } } });
  const url = await serve(handler);
  const post = async (target: string, body: string) =>
    (await raw(url, `${path}gradio_api/${target}`, { method: "POST", headers: json, body })).status;
  expect(await post("queue/join", join(index("/greet")))).toBe(200);
  const before = site.upstream.requests.length;
  const [secret, greet] = [index("/secret"), index("/greet")];
  expect(await post("queue/join", join(secret))).toBe(403);
  expect(await post("queue/join", join(String(greet)))).toBe(403);
  expect(await post("queue/join", join(null))).toBe(403);
  expect(await post("run/greet", join(secret))).toBe(403);
  expect(await post("call/secret", JSON.stringify({ data: [] }))).toBe(403);
  // Gradio ignores the index of a call by name.
  expect(await post("call/secret", join(greet))).toBe(403);
  expect(await post("component_server", JSON.stringify({ component_id: 1, fn_name: "x" }))).toBe(403);
  expect((await raw(url, `${path}gradio_api/call/secret/abc`)).status).toBe(403);
  expect(site.upstream.requests).toHaveLength(before);
  // Of two indexes the one that was checked goes on.
  const twice = join(secret).replace('"session_hash"', `"fn_index":${greet},"session_hash"`);
  expect(await post("queue/join", twice)).toBe(200);
  expect(await post("queue/join", join(greet).replace('"session_hash"', `"fn_index":${secret},"session_hash"`))).toBe(
    403,
  );
  const client = await connect({ ...site, url });
  await expect(client.predict("/secret")).rejects.toBeInstanceOf(AuthenticationError);
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
});

test("an app that was deployed anew, with another function at the index, is described anew before it is called", async () => {
  const greet = { "/greet": (name: string) => `Hello ${name}` };
  const secret = { "/secret": () => "secret" };
  const first = await serveApp({ ...greet, ...secret });
  const { port } = new URL(first.url);
  const url = await serve(gradioProxy({ apps: { "me/app": { app: first.url, endpoints: ["/greet"] } } }));
  const post = async () =>
    (await raw(url, `${path}gradio_api/queue/join`, { method: "POST", headers: json, body: join(0) })).status;
  expect(await post()).toBe(200);
  await first.close();
  const second = await serveApp({ ...secret, ...greet }, { port: Number(port) });
  onTestFinished(() => second.close());
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + 10_000);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await post()).toBe(403);
  expect(second.count("POST", "/queue/join")).toBe(0);
});

test("numbers that JavaScript cannot hold keep their digits", async () => {
  const site = await openSite();
  const client = await connect(site);
  const { index } = client.endpoints.find(({ name }) => name === "/exact")!;
  const body = join(index).replace('["you"]', "[12345678901234567890, 1.0]");
  let passed = "";
  const handler = gradioProxy({ apps: { "me/app": { app: site.upstream.url } } });
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    if (typeof init?.body === "string") passed = init.body;
    return await original(input, init);
  };
  onTestFinished(() => void (globalThis.fetch = original));
  await handler(
    new Request(`http://site/api/gradio/me/app/gradio_api/queue/join`, { method: "POST", headers: json, body }),
  );
  expect(passed).toContain("[12345678901234567890,1.0]");
});

test.each([
  ["a page of the site", { "sec-fetch-site": "same-origin" }, 200],
  ["an address that was typed", { "sec-fetch-site": "none" }, 200],
  ["a program", {}, 200],
  ["an old browser, from the site", { origin: "own" }, 200],
  ["a listed origin", { "sec-fetch-site": "cross-site", origin: "https://friend.example" }, 200],
  ["another site", { "sec-fetch-site": "cross-site" }, 403],
  ["another host of the same site", { "sec-fetch-site": "same-site" }, 403],
  ["another origin", { origin: "https://evil.example" }, 403],
  [
    "another site that claims to be a listed one",
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    403,
  ],
  ["a sandboxed frame", { "sec-fetch-site": "cross-site", origin: "null" }, 403],
])("a request of %s", async (_, given: Record<string, string>, status) => {
  const site = await openSite({ origins: ["https://friend.example"] });
  const headers = given["origin"] === "own" ? { origin: site.url } : given;
  const answer = await raw(site.url, `${path}config`, { headers });
  expect(answer.status).toBe(status);
  const isFriend = given["origin"] === "https://friend.example";
  expect(answer.headers["access-control-allow-origin"]).toBe(isFriend ? "https://friend.example" : undefined);
  expect(site.upstream.requests.length > 0).toBe(status === 200);
});

test("a listed origin may ask before it sends", async () => {
  const site = await openSite({ origins: ["https://friend.example"] });
  const headers = { origin: "https://friend.example", "access-control-request-method": "POST" };
  const answer = await raw(site.url, `${path}gradio_api/queue/join`, { method: "OPTIONS", headers });
  expect(answer.status).toBe(204);
  expect(answer.headers["access-control-allow-headers"]).toContain("content-type");
  const other = await raw(site.url, `${path}config`, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example" },
  });
  expect(other.status).toBe(403);
});

test("data that is too large is refused with 413, declared or not, and the sender gets the answer", async () => {
  const site = await openSite({ limits: { body: 1_000, upload: 2_000 } });
  await raw(site.url, `${path}config`);
  const before = site.upstream.requests.length;
  const body = Buffer.alloc(3_000_000, 0x20);
  for (const headers of [json, { ...json, "transfer-encoding": "chunked" }] as Record<string, string>[]) {
    const answer = await raw(site.url, `${path}gradio_api/queue/join`, { method: "POST", headers, body });
    expect(answer.status).toBe(413);
  }
  const declared = await raw(site.url, `${path}gradio_api/upload`, { method: "POST", body });
  expect(declared.status).toBe(413);
  expect(site.upstream.requests).toHaveLength(before);
  const chunked = await raw(site.url, `${path}gradio_api/upload`, {
    method: "POST",
    headers: { "transfer-encoding": "chunked", "content-type": "multipart/form-data; boundary=x" },
    body,
  });
  expect(chunked.status).toBe(413);
  const client = await connect(site);
  await expect(client.predict("/size", [new Blob(["x".repeat(5_000)])])).rejects.toMatchObject({
    code: "file_too_large",
  });
});

test("a connection whose request was refused with its body unread can be used again", async () => {
  const site = await openSite();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const body = Buffer.alloc(3_000_000, 0x20);
  const refused = await raw(site.url, `${path}gradio_api/token`, { method: "POST", body, agent });
  expect(refused.status).toBe(403);
  expect((await raw(site.url, `${path}config`, { agent })).status).toBe(200);
});

test("redirects are followed within the app, and are 502 out of it", async () => {
  const site = await openSite({ token: TOKEN });
  const redirect = (location: string) => ({ answer: { status: 302, headers: { location } } });
  site.upstream.add({ path: "/file=inside", fault: redirect("/gradio_api/app_id") });
  site.upstream.add({ path: "/file=outside", fault: redirect("http://127.0.0.1:1/x") });
  site.upstream.add({ path: "/cancel", fault: redirect("/gradio_api/app_id") });
  expect((await raw(site.url, `${path}gradio_api/file=inside`)).status).toBe(200);
  expect((await raw(site.url, `${path}gradio_api/file=outside`)).status).toBe(502);
  const posted = await raw(site.url, `${path}gradio_api/cancel`, { method: "POST", headers: json, body: "{}" });
  expect(posted.status).toBe(502);
});

test("headers pass by positive lists, both ways", async () => {
  const site = await openSite({ token: TOKEN, forward: ["x-mine"] });
  const echoed = {
    "content-type": "text/plain",
    authorization: `Bearer ${TOKEN}`,
    "x-odd": "1",
    "content-range": "bytes 0-1/9",
  };
  site.upstream.add({ path: "/file=echo", fault: { answer: { status: 206, headers: echoed, body: "ab" } } });
  const answer = await raw(site.url, `${path}gradio_api/file=echo`, {
    headers: {
      range: "bytes=0-1",
      cookie: "session=of-the-site",
      authorization: "Basic site",
      "x-mine": "1",
      "x-other": "1",
      referer: "http://site/",
    },
  });
  expect(answer).toMatchObject({ status: 206, body: "ab" });
  expect(answer.headers).toMatchObject({ "content-range": "bytes 0-1/9" });
  expect(JSON.stringify(answer)).not.toContain(TOKEN);
  expect(answer.headers["x-odd"]).toBeUndefined();
  const { headers } = site.upstream.requests.at(-1)!;
  expect(headers).toMatchObject({ range: "bytes=0-1", "x-mine": "1", authorization: `Bearer ${TOKEN}` });
  for (const name of ["cookie", "x-other", "referer"]) expect(headers[name]).toBeUndefined();
  const open = await openSite();
  await raw(open.url, `${path}config`, { headers: { authorization: "Basic site" } });
  expect(open.upstream.requests.filter((request) => request.headers["authorization"] !== undefined)).toEqual([]);
});

test("the app's cookies reach the browser renamed and out of reach, and alone go back", async () => {
  const site = await openSite();
  const headers = { "set-cookie": "replica=2; Path=/; Max-Age=60; Domain=evil.example", "content-type": "text/plain" };
  site.upstream.add({ path: "/file=a", fault: { answer: { headers, body: "a" } } });
  const answer = await raw(site.url, `${path}gradio_api/file=a`);
  const [cookie = ""] = answer.headers["set-cookie"] as string[];
  expect(cookie).toBe(`gradio.me%2Fapp.replica=2; Max-Age=60; Path=${path}; HttpOnly; SameSite=Lax`);
  await raw(site.url, `${path}config`, {
    headers: { cookie: `session=site; ${cookie.split(";")[0]}; gradio.you.replica=9` },
  });
  expect(site.upstream.requests.at(-1)?.headers["cookie"]).toBe("replica=2");
});

test("the proxy logs in, and visitors get no part of the login", async () => {
  const site = await openSite({}, { auth: ["user", "password"] });
  const client = await connect(site);
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  const answer = await raw(site.url, `${path}config`);
  expect(answer.status).toBe(200);
  expect(answer.headers["set-cookie"]).toBeUndefined();
});

test.each([
  ["text/html", true],
  ["image/svg+xml", true],
  ["application/xhtml+xml", true],
  ["text/javascript", true],
  ["application/pdf", true],
  ["", true],
  ["image/png", false],
  ["audio/wav", false],
  ["application/json", false],
  ["text/plain; charset=utf-8", false],
])("nothing of an answer runs on the site: %s", async (type, isAttachment) => {
  const site = await openSite();
  const headers = { ...(type === "" ? {} : { "content-type": type }), "content-disposition": 'inline; filename="a"' };
  site.upstream.add({ path: "/file=a", fault: { answer: { headers, body: "<script>alert(1)</script>" } } });
  const answer = await raw(site.url, `${path}gradio_api/file=a`);
  expect(answer.headers).toMatchObject({ "x-content-type-options": "nosniff", "content-security-policy": "sandbox" });
  expect(answer.headers["content-disposition"]).toBe(
    isAttachment ? 'attachment; filename="a"' : 'inline; filename="a"',
  );
});

test("refusals have these headers, too; streams are left as they are on their way", async () => {
  const site = await openSite();
  const refused = await raw(site.url, "/api/gradio/other/config");
  expect(refused.headers).toMatchObject({ "x-content-type-options": "nosniff", "content-security-policy": "sandbox" });
  const abort = new AbortController();
  const stream = await fetch(`${site.appUrl}gradio_api/heartbeat/abc`, { signal: abort.signal });
  expect(stream.headers.get("cache-control")).toContain("no-transform");
  expect(stream.headers.get("x-accel-buffering")).toBe("no");
  abort.abort();
});

test("authorize decides on each request, and knows the endpoint", async () => {
  const asked: unknown[] = [];
  const site = await openSite({
    authorize: (request, target) => {
      asked.push(target);
      if (request.headers.get("x-user") === "guest") return Response.json({ detail: "Sign in." }, { status: 401 });
      return target.endpoint !== "/secret";
    },
  });
  const client = await connect(site);
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  await expect(client.predict("/secret")).rejects.toBeInstanceOf(AuthenticationError);
  expect(asked).toContainEqual({ app: "me/app", endpoint: null });
  expect(asked).toContainEqual({ app: "me/app", endpoint: "/greet" });
  const before = site.upstream.requests.length;
  expect((await raw(site.url, `${path}config`, { headers: { "x-user": "guest" } })).status).toBe(401);
  expect(site.upstream.requests).toHaveLength(before);
});

test("authorize knows the endpoint that Gradio runs, however a call names it", async () => {
  const asked: unknown[] = [];
  const site = await openSite({
    authorize: (_, { endpoint }) => {
      asked.push(endpoint);
      return endpoint !== "/secret";
    },
  });
  const { endpoints } = await connect(site);
  const index = (name: string): number => endpoints.find((one) => one.name === name)!.index;
  const [secret, greet] = [index("/secret"), index("/greet")];
  const before = site.upstream.requests.length;
  const post = async (target: string, fnIndex: unknown) =>
    (await raw(site.url, `${path}gradio_api/${target}`, { method: "POST", headers: json, body: join(fnIndex) })).status;
  expect(await post("call/secret", greet)).toBe(403);
  expect(asked.at(-1)).toBe("/secret");
  expect(await post("run/greet", secret)).toBe(403);
  expect(asked.at(-1)).toBe("/secret");
  // Gradio ignores the slash at the end, has another route below call/v2, and converts texts and booleans to numbers.
  for (const target of ["run/secret/", "call/secret/", "call/v2/secret"]) expect(await post(target, null)).toBe(403);
  for (const odd of [String(secret), `${secret}.0`, true, [secret]]) expect(await post("queue/join", odd)).toBe(403);
  const decimal = join(secret).replace(`:${secret},`, `:${secret}.0,`);
  const answer = await raw(site.url, `${path}gradio_api/queue/join`, { method: "POST", headers: json, body: decimal });
  expect([answer.status, decimal]).toEqual([403, expect.stringContaining(".0")]);
  expect((await raw(site.url, `${path}gradio_api/call/v2/secret/abc`)).status).toBe(403);
  expect(site.upstream.requests).toHaveLength(before);
});

test("a Space that sleeps is woken, and the page waits", async () => {
  const site = await openSite();
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add("me/space", {
    app: site.upstream.url,
    token: "hf_mine",
    stages: ["SLEEPING", "APP_STARTING", "APP_STARTING", "APP_STARTING", "RUNNING"],
  });
  process.env["HF_ENDPOINT"] = hub.url;
  onTestFinished(() => void delete process.env["HF_ENDPOINT"]);
  const url = await serve(gradioProxy({ apps: ["me/space"], token: "hf_mine" }));
  const seen: SpaceStatus[] = [];
  const client = await PageClient.connect("me/space", {
    proxy: `${url}/api/gradio`,
    fetch: (request) => fetch(request),
    retry: { limit: 0 },
    onSpaceStatus: (status) => seen.push(status),
  });
  onTestFinished(() => client.close());
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every(({ spaceId }) => spaceId === "me/space")).toBe(true);
}, 60_000);

test("a Space that wakes answers 503 with Retry-After; the page gives up after spaceTimeout", async () => {
  const site = await openSite();
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add("me/space", { app: site.upstream.url, stages: ["APP_STARTING"] });
  process.env["HF_ENDPOINT"] = hub.url;
  onTestFinished(() => void delete process.env["HF_ENDPOINT"]);
  const url = await serve(gradioProxy({ apps: ["me/space"] }));
  const answer = await raw(url, "/api/gradio/me/space/config");
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBe("2");
  expect(JSON.parse(answer.body)).toMatchObject({ space: { spaceId: "me/space", stage: "APP_STARTING" } });
  const options = {
    proxy: `${url}/api/gradio`,
    fetch: (request: Request) => fetch(request),
    retry: { limit: 0 },
    spaceTimeout: 100,
  };
  await expect(PageClient.connect("me/space", options)).rejects.toBeInstanceOf(SpaceError);
  hub.set("me/space", ["RUNNING"]);
}, 60_000);

test("requests that come together find and wake the app once", async () => {
  const site = await openSite({ token: async () => await Promise.resolve(TOKEN) });
  await Promise.all([1, 2, 3].map(() => raw(site.url, `${path}gradio_api/app_id`)));
  expect(site.upstream.count("GET", "/config")).toBe(1);
});

test("an app that has stopped to answer is looked for again", async () => {
  const site = await openSite();
  await raw(site.url, `${path}config`);
  site.upstream.add({ path: "/app_id", fault: { answer: { status: 503, body: "asleep" } } });
  expect((await raw(site.url, `${path}gradio_api/app_id`)).status).toBe(503);
  const before = site.upstream.count("GET", "/info");
  await raw(site.url, `${path}gradio_api/app_id`);
  expect(site.upstream.count("GET", "/info")).toBe(before + 1);
});

test("an app that cannot be reached is 502, and is looked for again with the next request", async () => {
  const site = await openSite();
  await site.upstream.refuse();
  const answer = await raw(site.url, `${path}config`);
  expect(answer.status).toBe(502);
  expect(answer.body).not.toContain(site.upstream.url);
  await site.upstream.accept();
  expect((await raw(site.url, `${path}config`)).status).toBe(200);
}, 60_000);

test("proxy beside token or auth is an InputError, and so is an app that is an address", async () => {
  const proxy = "http://site.example/api/gradio";
  for (const options of [{ token: "hf_x" }, { auth: ["a", "b"] as const }])
    await expect(PageClient.connect("me/app", { proxy, ...options })).rejects.toBeInstanceOf(InputError);
  await expect(PageClient.connect("http://app.example/", { proxy })).rejects.toBeInstanceOf(InputError);
  await expect(PageClient.connect("me/app", { proxy: "/api/gradio" })).rejects.toThrow("no page");
});

test.each([
  ["no apps", { apps: [] }],
  ["an option that does not exist", { apps: ["a/b"], app: "a/b" }],
  ["a name that cannot stand in a path", { apps: { "a/../b": "a/b" } }],
  ["an origin without a scheme", { apps: ["a/b"], origins: ["example.com"] }],
  ["a header of credentials", { apps: ["a/b"], forward: ["Cookie"] }],
])("%s is an InputError", (_, options) => {
  expect(() => gradioProxy(options as never)).toThrow(InputError);
});
