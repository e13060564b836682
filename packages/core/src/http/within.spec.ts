import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import type { TransportRequest } from "../transport.ts";
import { isRedirect } from "./redirect-rules.ts";
import { sendWithin } from "./within.ts";

/** A transport by a table: where each address sends on, and with which status. */
function web(table: Record<string, [status: number, location: string]>) {
  const seen: string[] = [];
  const send = async ({ url, body, headers }: TransportRequest): Promise<Response> => {
    seen.push(`${body === undefined ? "GET" : "POST"} ${url} ${headers["x-key"] ?? "-"} ${body ?? ""}`.trim());
    const [status, location] = table[url] ?? [200, ""];
    return new Response(null, { status, headers: location === "" ? {} : { location } });
  };
  const upload = () => Promise.reject(new Error("no uploads"));
  return { transport: { send, upload }, seen };
}

const origin = "http://a.test";
const { signal } = new AbortController();
const get = (url: string): TransportRequest => ({ url, headers: { "x-key": "k" }, signal });
const post = (url: string): TransportRequest => ({ ...get(url), body: "secret" });

test("a redirect within the origin is followed, body and headers along", async () => {
  const { transport, seen } = web({ "http://a.test/1": [307, "/2"], "http://a.test/2": [308, "http://a.test/3"] });
  expect((await sendWithin(transport, post("http://a.test/1"), { origin })).status).toBe(200);
  expect(seen.map((line) => line.replace("http://a.test", ""))).toEqual([
    "POST /1 k secret",
    "POST /2 k secret",
    "POST /3 k secret",
  ]);
});

test("a redirect is followed to an address that is not ASCII, in whichever bytes the server writes it", async () => {
  const [utf8, latin1] = ["/caf\xc3\xa9/?q=\xe2\x82\xac", "/caf\xe9/"];
  const { transport, seen } = web({ "http://a.test/1": [302, utf8], "http://a.test/2": [302, latin1] });
  for (const path of [1, 2]) await sendWithin(transport, get(`http://a.test/${path}`), { origin });
  const led = ["GET http://a.test/caf%C3%A9/?q=%E2%82%AC k", "GET http://a.test/caf%E9/ k"];
  expect([seen[1]!, seen[3]!].map((line) => line.replace(/%\w\w/g, (byte) => byte.toUpperCase()))).toEqual(led);
});

test("a POST that is answered by 303 goes on as a GET", async () => {
  const { transport, seen } = web({ "http://a.test/1": [303, "/2"] });
  await sendWithin(transport, post("http://a.test/1"), { origin });
  expect(seen[1]).toBe("GET http://a.test/2 k");
});

test.each([302, 307])("a redirect (%i) to another origin is refused: nothing goes there", async (status) => {
  for (const target of ["http://evil.test/", "https://a.test/", "http://a.test:81/"]) {
    const { transport, seen } = web({ "http://a.test/1": [status, target] });
    await expect(sendWithin(transport, post("http://a.test/1"), { origin })).rejects.toBeInstanceOf(ProtocolError);
    expect(seen).toHaveLength(1);
  }
});

test("a file's redirect to another origin is followed bare", async () => {
  const { transport, seen } = web({ "http://a.test/file": [302, "http://cdn.test/file"] });
  const request = get("http://a.test/file");
  expect((await sendWithin(transport, request, { origin, elsewhere: "bare" })).status).toBe(200);
  expect(seen).toEqual(["GET http://a.test/file k", "GET http://cdn.test/file -"]);
});

test("where a redirect is all that was wanted, it is followed nowhere", async () => {
  const { transport, seen } = web({ "http://a.test/login": [302, "http://internal.invalid/"] });
  expect(isRedirect(await sendWithin(transport, post("http://a.test/login"), { origin, elsewhere: "done" }))).toBe(
    true,
  );
  expect(seen).toHaveLength(1);
});

test("redirects without an end are a ProtocolError", async () => {
  const { transport, seen } = web({ "http://a.test/1": [302, "/1"] });
  await expect(sendWithin(transport, get("http://a.test/1"), { origin })).rejects.toBeInstanceOf(ProtocolError);
  expect(seen.length).toBeLessThan(20);
});
