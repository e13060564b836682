import { expect, onTestFinished, test, vi } from "vitest";
import { gradioProxy } from "@gradio-rx/node/proxy";
import { faultProxy, serveApp } from "@gradio-rx/testing";
import { openSite, raw, serve, until } from "./site.ts";

vi.setConfig({ testTimeout: 60_000 });

const TOKEN = "hf_the_token_of_the_site";
const path = "/api/gradio/me/app/";
const redirect = (location: string) => ({ answer: { status: 302, headers: { location } } });

test("a redirect to another server is 502, and that server is not asked", async () => {
  const site = await openSite({ token: TOKEN });
  const other = await openSite();
  site.upstream.add({ path: "/file=out", fault: redirect(`${other.upstream.url}/config`) });
  expect((await raw(site.url, `${path}gradio_api/file=out`)).status).toBe(502);
  expect(other.upstream.requests).toEqual([]);
});

test("a redirect of an app below a path stays below this path", async () => {
  const app = await serveApp({ "/greet": () => "Hello" }, { path: "/base" });
  const { origin } = new URL(app.url);
  const upstream = await faultProxy(origin);
  onTestFinished(async () => {
    await upstream.close();
    await app.close();
  });
  const url = await serve(gradioProxy({ apps: { "me/app": `${upstream.url}/base` } }));
  upstream.add({ path: "/file=in", fault: redirect("/base/gradio_api/app_id") });
  upstream.add({ path: "/file=out", fault: redirect("/other/config") });
  expect((await raw(url, `${path}gradio_api/file=in`)).status).toBe(200);
  expect((await raw(url, `${path}gradio_api/file=out`)).status).toBe(502);
  expect(upstream.requests.map((request) => request.path)).not.toContain("/other/config");
});

test("a circle of redirects ends with 502 after a few requests", async () => {
  const site = await openSite();
  await raw(site.url, `${path}config`);
  const before = site.upstream.requests.length;
  site.upstream.add({ path: "/file=a", times: "always", fault: redirect("/gradio_api/file=a") });
  expect((await raw(site.url, `${path}gradio_api/file=a`)).status).toBe(502);
  expect(site.upstream.requests.length - before).toBeLessThan(10);
});

test("a body with a declared length over the limit is refused before any request is sent to the app", async () => {
  const site = await openSite({ limits: { body: 1_000, upload: 2_000 } });
  await raw(site.url, `${path}config`);
  const sent = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => sent.mockRestore());
  const body = Buffer.alloc(300_000, 0x20);
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const answer = await raw(site.url, `${path}gradio_api/upload`, { method: "POST", headers, body });
  expect(answer.status).toBe(413);
  expect(sent).not.toHaveBeenCalled();
});

test("the signature of a Space's page is not forwarded", async () => {
  const site = await openSite();
  await raw(site.url, `${path}config`);
  const sent = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => sent.mockRestore());
  await raw(site.url, `${path}config?__sign=secret&view=api`);
  expect(sent).toHaveBeenCalledWith(new URL(`${site.upstream.url}/config?view=api`), expect.anything());
});

test("a preflight request without a listed origin is refused", async () => {
  const site = await openSite({ origins: ["https://friend.example"] });
  expect((await raw(site.url, `${path}config`, { method: "OPTIONS" })).status).toBe(403);
  // Caches keep answers apart by their origin.
  expect((await raw(site.url, `${path}config`)).headers["vary"]).toBe("Origin");
});

test("the length of a compressed answer is not that of the answer for the browser", async () => {
  const site = await openSite();
  const text = "text ".repeat(1_000);
  site.upstream.add({
    path: "/file=a",
    fault: { answer: { headers: { "content-type": "text/plain" }, body: text }, body: { encoding: "gzip" } },
  });
  const answer = await raw(site.url, `${path}gradio_api/file=a`);
  expect(answer.body).toBe(text);
  expect(answer.headers["content-length"]).toBeUndefined();
});

test("cookies of the login and cookies without a name are kept back; on a site with https, cookies are Secure", async () => {
  const site = await openSite({}, { auth: ["user", "password"] });
  await raw(site.url, `${path}config`);
  const login = site.upstream.requests.at(-1)?.headers["cookie"] ?? "";
  const [name = ""] = login.split("=");
  expect(name).toContain("access-token");
  const setting = async (cookie: string): Promise<string[]> => {
    const headers = { "content-type": "text/plain", "set-cookie": cookie };
    site.upstream.add({ path: "/file=a", fault: { answer: { headers, body: "a" } } });
    const answer = await site.handler(new Request(`https://site.test${path}gradio_api/file=a`));
    await answer.text();
    return answer.headers.getSetCookie();
  };
  expect(await setting(`${name}=another; Path=/`)).toEqual([]);
  expect(await setting("=nameless; Path=/")).toEqual([]);
  expect(await setting("bad name=1; Path=/")).toEqual([]);
  expect(await setting("replica=1")).toEqual([expect.stringMatching(/^gradio\.me%2Fapp\.replica=1; .*; Secure$/)]);
});

test("a request that the browser has aborted is not sent, and one that it aborts ends at the app", async () => {
  const site = await openSite();
  await raw(site.url, `${path}config`);
  const url = `${site.appUrl}gradio_api/heartbeat/abc`;
  await site.handler(new Request(url, { signal: AbortSignal.abort() }));
  expect(site.upstream.requests.filter((request) => request.path.includes("heartbeat"))).toEqual([]);
  const abort = new AbortController();
  // The answer is not read, so that only the signal ends it.
  const answer = await site.handler(new Request(url, { signal: abort.signal }));
  await until(() => site.app.openStreams === 1);
  abort.abort();
  await until(() => site.app.openStreams === 0);
  expect(answer.status).toBe(200);
});
