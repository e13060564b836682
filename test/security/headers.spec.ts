import { handleFile, InputError } from "#sdk";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostileApp } from "./hostile.ts";
import { connect, thrown, words } from "./secrets.ts";

const breaks = ["\r\nx-evil: 1", "\n x", "\r", "\0", "\u2028\u0001"];

test.each(breaks)("a token with %j is rejected, and neither sent nor quoted", async (end) => {
  const app = await hostileApp();
  for (const token of [`SECRETt${end}SECRET`, async () => `SECRETt${end}SECRET`]) {
    const error = await thrown(connect(app.url, { token }));
    expect(error).toBeInstanceOf(InputError);
    expect(words(error)).not.toContain("SECRETt");
  }
  expect(app.seen).toEqual([]);
});

test.each(breaks)("a header with %j in its value or name is rejected, for all calls and for one", async (end) => {
  const app = await hostileApp();
  const client = await connect(app.url);
  const before = app.seen.length;
  for (const headers of [{ "x-a": `SECRETh${end}SECRET` }, { [`x-SECRETh${end}`]: "1" }]) {
    for (const error of [
      await thrown(connect(app.url, { headers })),
      await thrown(client.predict("/echo", ["x"], { headers })),
    ]) {
      expect(error).toBeInstanceOf(InputError);
      expect(words(error)).not.toContain("SECRETh");
    }
  }
  expect(app.seen.length).toBe(before);
});

test.each(breaks)("an ipToken with %j is rejected", async (end) => {
  const app = await hostileApp();
  for (const ipToken of [`SECRETi${end}SECRET`, async () => `SECRETi${end}SECRET`]) {
    const client = await connect(app.url, { ipToken });
    const error = await thrown(client.predict("/echo", ["x"]));
    expect(error).toBeInstanceOf(InputError);
    expect(words(error)).not.toContain("SECRETi");
  }
  expect(app.of("/queue/join")).toEqual([]);
});

test("names and types of files cannot end a header of a multipart form", async () => {
  const app = await hostileApp();
  const client = await connect(app.url);
  const path = join(await mkdtemp(join(tmpdir(), "gradio-rx-")), "a.txt");
  await writeFile(path, "content");
  const name = 'a"\r\nx-evil: name\r\n\r\n\0.txt';
  const mimeType = "text/plain\r\nx-evil: type";
  await client.upload([
    handleFile(path, { name, mimeType }),
    handleFile(new Blob(["content"]), { name, mimeType }),
    new File(["content"], name, { type: mimeType }),
  ]);
  const sent = app.of("/upload");
  expect(sent).toHaveLength(3);
  for (const { body } of sent) {
    const [head = "", ...rest] = body.split("\r\n\r\n");
    expect(head.split("\r\n")).toHaveLength(3);
    // The header contains no quotation marks of the name itself.
    expect(head.split('"')).toHaveLength(5);
    expect(rest.join("\r\n\r\n").startsWith("content\r\n--")).toBe(true);
    expect(body).not.toContain("\0");
    expect(body).not.toMatch(/^x-evil/m);
  }
});

test("event ids and session hashes are escaped in paths and queries", async () => {
  const app = await hostileApp({ config: { connect_heartbeat: true } });
  const client = await connect(app.url, { sessionHash: "../x?y=1&z#\r\n" });
  await client.predict("/echo", ["x"]);
  expect(app.of("/queue/data")[0]?.url).toBe("/gradio_api/queue/data?session_hash=..%2Fx%3Fy%3D1%26z%23%0D%0A");
  expect(app.of("/heartbeat")[0]?.url).toBe("/gradio_api/heartbeat/..%2Fx%3Fy%3D1%26z%23%0D%0A");
});
