import { type FileData, GradioError } from "#sdk";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { file, gave, hostileApp, type Seen } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

const setting =
  (...cookies: string[]) =>
  (_: Seen, response: ServerResponse): boolean => {
    response.setHeader("set-cookie", cookies);
    return false;
  };

test("cookies of the app are sent to no other port or host, whatever Domain they name", async () => {
  const other = await hostileApp();
  const app = await hostileApp({
    trick: setting(
      "own=SECRETown",
      "wide=SECRETwide; Domain=127.0.0.1",
      "wider=SECRETwider; Domain=.example.com",
      "all=SECRETall; Domain=.",
    ),
    messages: [gave(file(`${other.url}/elsewhere`))],
  });
  const client = await connect(app.url);
  await client.download(await client.predict<FileData>("/show"), { dir: tmpdir() });
  expect(app.of("/queue/join")[0]?.headers.cookie).toContain("own=SECRETown");
  expect(other.seen).toHaveLength(1);
  expect(JSON.stringify(other.seen)).not.toContain("SECRET");
});

test("another host sets no cookie for the app", async () => {
  const other = await hostileApp({ trick: setting("planted=1", "planted2=1; Domain=127.0.0.1") });
  const app = await hostileApp({ messages: [gave(file(`${other.url}/elsewhere`))] });
  const client = await connect(app.url);
  await client.download(await client.predict<FileData>("/show"), { dir: tmpdir() });
  await client.predict("/show");
  expect(JSON.stringify(app.seen)).not.toContain("planted");
});

test("a cookie is sent to its path only, and a deleted one is not sent", async () => {
  const app = await hostileApp({
    trick: (request, response) =>
      request.url === "/config" && setting("deep=1; Path=/gradio_api/queue", "gone=1; Max-Age=0")(request, response),
  });
  const client = await connect(app.url);
  await client.upload([new Blob(["x"])]);
  await client.predict("/echo", ["x"]);
  expect(app.of("/upload")[0]?.headers.cookie).not.toMatch(/deep|gone/);
  expect(app.of("/queue/join")[0]?.headers.cookie).toMatch(/deep=1/);
});

test("cookies with unusual names and values break nothing, and do not modify prototypes", async () => {
  const app = await hostileApp({
    trick: setting("__proto__=x; Path=/", "constructor=y", "=", ";;;", "a=\u00ff", "b=1; Path=__proto__", "polluted"),
  });
  const client = await connect(app.url);
  expect(await client.predict("/echo", ["x"])).toBe("fine");
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test("cookies of the caller that could inject a header are rejected before a request", async () => {
  const app = await hostileApp();
  for (const cookies of ["a=SECRETc\r\nx-evil: 1", "a=SECRETc\u0000", "a=SECRETc\u20ac"]) {
    const error = await thrown(connect(app.url, { cookies }));
    expect(error).toBeInstanceOf(GradioError);
    expect(error).toMatchObject({ code: "input" });
    expect(String(error)).not.toContain("SECRETc");
  }
  expect(app.seen).toEqual([]);
});
