import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import type { TransportRequest } from "../transport.ts";
import { Secrets } from "./secrets.ts";
import { isRedirect, sendFollowingRedirects } from "./redirects.ts";

/** A transport with a table of redirects: status and location by URL. */
function web(table: Record<string, [status: number, location: string]>) {
  const seen: string[] = [];
  const send = async ({ url, body, headers }: TransportRequest): Promise<Response> => {
    seen.push(
      `${body === undefined ? "GET" : "POST"} ${url} ${headers["x-key"] ?? "-"} ${(body ?? "") as string}`.trim(),
    );
    const [status, location] = table[url] ?? [200, ""];
    return new Response(null, { status, headers: location === "" ? {} : { location } });
  };
  const upload = () => Promise.reject(new Error("no uploads"));
  return { transport: { send, upload }, seen };
}

const origin = "http://a.test";
const secrets = new Secrets();
const { signal } = new AbortController();
const get = (url: string): TransportRequest => ({ url, headers: { "x-key": "k" }, signal });
const post = (url: string): TransportRequest => ({ ...get(url), body: "secret" });

test("a redirect within the origin is followed, body and headers along", async () => {
  const { transport, seen } = web({ "http://a.test/1": [307, "/2"], "http://a.test/2": [308, "http://a.test/3"] });
  expect((await sendFollowingRedirects(transport, post("http://a.test/1"), { origin, secrets })).status).toBe(200);
  expect(seen.map((line) => line.replace("http://a.test", ""))).toEqual([
    "POST /1 k secret",
    "POST /2 k secret",
    "POST /3 k secret",
  ]);
});

test("a redirect to a URL that is not ASCII is followed, in UTF-8 and in Latin-1", async () => {
  const [utf8, latin1] = ["/caf\xc3\xa9/?q=\xe2\x82\xac", "/caf\xe9/"];
  const { transport, seen } = web({ "http://a.test/1": [302, utf8], "http://a.test/2": [302, latin1] });
  for (const path of [1, 2]) await sendFollowingRedirects(transport, get(`http://a.test/${path}`), { origin, secrets });
  const led = ["GET http://a.test/caf%C3%A9/?q=%E2%82%AC k", "GET http://a.test/caf%E9/ k"];
  expect([seen[1]!, seen[3]!].map((line) => line.replace(/%\w\w/g, (byte) => byte.toUpperCase()))).toEqual(led);
});

test("a POST that is answered by 303 goes on as a GET", async () => {
  const { transport, seen } = web({ "http://a.test/1": [303, "/2"] });
  await sendFollowingRedirects(transport, post("http://a.test/1"), { origin, secrets });
  expect(seen[1]).toBe("GET http://a.test/2 k");
});

test.each([302, 307])("a redirect (%i) to another origin fails, and nothing is sent there", async (status) => {
  for (const target of ["http://evil.test/", "https://a.test/", "http://a.test:81/"]) {
    const { transport, seen } = web({ "http://a.test/1": [status, target] });
    await expect(
      sendFollowingRedirects(transport, post("http://a.test/1"), { origin, secrets }),
    ).rejects.toBeInstanceOf(ProtocolError);
    expect(seen).toHaveLength(1);
  }
});

test("a file's redirect to another origin is followed without headers", async () => {
  const { transport, seen } = web({ "http://a.test/file": [302, "http://cdn.test/file"] });
  const request = get("http://a.test/file");
  expect((await sendFollowingRedirects(transport, request, { origin, secrets, crossOrigin: "anonymous" })).status).toBe(
    200,
  );
  expect(seen).toEqual(["GET http://a.test/file k", "GET http://cdn.test/file -"]);
});

test("with manual redirects, the redirect is the answer and nothing is sent to its target", async () => {
  const { transport, seen } = web({ "http://a.test/login": [302, "http://internal.invalid/"] });
  expect(
    isRedirect(
      await sendFollowingRedirects(transport, post("http://a.test/login"), { origin, secrets, redirect: "manual" }),
    ),
  ).toBe(true);
  expect(seen).toHaveLength(1);
});

test("endless redirects are a ProtocolError", async () => {
  const { transport, seen } = web({ "http://a.test/1": [302, "/1"] });
  await expect(sendFollowingRedirects(transport, get("http://a.test/1"), { origin, secrets })).rejects.toBeInstanceOf(
    ProtocolError,
  );
  expect(seen.length).toBeLessThan(20);
});

test("a redirect to a URL that is not http(s), or holds a password, is a ProtocolError that does not repeat it", async () => {
  for (const target of ["file:///etc/passwd", "data:,x", "javascript:1", "http://user:secret@a.test/"]) {
    const { transport, seen } = web({ "http://a.test/1": [302, target] });
    const outcome = sendFollowingRedirects(transport, get("http://a.test/1"), { origin, secrets });
    await expect(outcome).rejects.toThrow(/^(?!.*secret).*not http/);
    expect(seen).toHaveLength(1);
  }
});

test("a browser's redirect without a location is probed without headers, and sent with them only within the origin", async () => {
  const sent: TransportRequest[] = [];
  const browser = (end: string) => ({
    upload: () => Promise.reject(new Error("no uploads")),
    send: async (request: TransportRequest) => {
      sent.push(request);
      const answered = { headers: new Headers(), body: null, url: request.redirect === "follow" ? end : request.url };
      const manual = (request.redirect ?? "manual") === "manual";
      return manual ? { ...answered, status: 0, type: "opaqueredirect" } : { ...answered, status: 200 };
    },
  });
  await sendFollowingRedirects(browser("http://a.test/2"), get("http://a.test/1"), { origin, secrets });
  expect(sent.map(({ url, headers, redirect }) => [url, headers["x-key"], redirect])).toEqual([
    ["http://a.test/1", "k", undefined],
    ["http://a.test/1", undefined, "follow"],
    ["http://a.test/2", "k", "error"],
  ]);
  for (const [request, rules] of [
    [get("http://a.test/1"), {}],
    [post("http://a.test/1"), {}],
    [get("http://a.test/1"), { probe: false }],
  ] as const) {
    sent.length = 0;
    const outcome = sendFollowingRedirects(browser("http://b.test/2"), request, { origin, secrets, ...rules });
    await expect(outcome).rejects.toBeInstanceOf(ProtocolError);
    expect(sent.every(({ headers, redirect }) => redirect !== "follow" || headers["x-key"] === undefined)).toBe(true);
  }
});
