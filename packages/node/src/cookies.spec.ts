import type { HeaderFields, Transport, TransportRequest } from "@gradio-rx/core/platform";
import { expect, test } from "vitest";
import { withCookies } from "./cookies.ts";

/** A transport that answers with cookies, and remembers what it was sent. */
function echo(cookies: Record<string, string[]>) {
  const seen: string[] = [];
  const answer = (url: string, headers: HeaderFields): Response => {
    seen.push(`${url} ${headers["cookie"] ?? "-"}`);
    const response = new Response("ok");
    for (const cookie of cookies[url] ?? []) response.headers.append("set-cookie", cookie);
    return response;
  };
  const transport: Transport = {
    send: async (request) => answer(request.url, request.headers),
    upload: async ({ url, headers }) => answer(url.href, headers),
  };
  return { transport, seen };
}

const { signal } = new AbortController();
const get = (url: string, headers: HeaderFields = {}): TransportRequest => ({ url, headers, signal });

test("every cookie goes back to the origin that set it, and to no other: another port is another origin", async () => {
  const { transport, seen } = echo({
    "http://a.test:1/login": ["a=1; Path=/; HttpOnly", "b=2; Path=/; Secure; SameSite=None"],
  });
  const jar = withCookies(transport);
  for (const url of ["http://a.test:1/login", "http://a.test:1/x", "http://a.test:2/x", "http://evil.example/"])
    await jar.send(get(url));
  expect(seen.slice(1)).toEqual(["http://a.test:1/x a=1", "http://a.test:2/x -", "http://evil.example/ -"]);
});

test("a cookie that is withdrawn is gone, one for a path stays on it, one that cannot be read is dropped", async () => {
  const { transport, seen } = echo({
    "http://a.test/1": ["a=1; Path=/", "deep=1; Path=/deep", "=", "sub=1; Domain=other.test"],
    "http://a.test/2": ["a=; Path=/; Max-Age=0"],
  });
  const jar = withCookies(transport);
  for (const path of ["1", "2", "3", "deep/4"]) await jar.send(get(`http://a.test/${path}`));
  expect(seen.slice(1)).toEqual(["http://a.test/2 a=1", "http://a.test/3 -", "http://a.test/deep/4 deep=1"]);
});

test("cookies to begin with, and those of the caller's own header, are sent as well; uploads too", async () => {
  const { transport, seen } = echo({});
  const jar = withCookies(transport);
  jar.give(new URL("http://a.test/app/"), "x=1; y=2");
  await jar.send(get("http://a.test/app/config", { cookie: "mine=3" }));
  const upload = {
    url: new URL("http://a.test/up"),
    headers: {},
    field: "f",
    files: [],
    signal,
  };
  await jar.upload(upload, () => undefined);
  expect(seen).toEqual(["http://a.test/app/config mine=3; x=1; y=2", "http://a.test/up x=1; y=2"]);
});
