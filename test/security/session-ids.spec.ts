import { InputError } from "#sdk";
import { afterEach, expect, test, vi } from "vitest";
import { hostileApp } from "./hostile.ts";
import { connect, thrown, words } from "./secrets.ts";

afterEach(() => void vi.restoreAllMocks());

test("every session has an id of 128 bits from the cryptographic random source: the client's, a reset one, and that of an isolated call", async () => {
  const made: string[] = [];
  const { crypto } = globalThis;
  const random = crypto.getRandomValues.bind(crypto);
  vi.spyOn(crypto, "getRandomValues").mockImplementation((bytes) => {
    random(bytes);
    if (bytes instanceof Uint8Array) made.push(Buffer.from(bytes).toString("hex"));
    return bytes;
  });
  // An id that can be guessed gives access to the messages of its session. Ids from `Math.random` would be known here.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const app = await hostileApp();
  const client = await connect(app.url);
  await client.predict("/echo", ["x"]);
  await client.predict("/echo", ["x"], { isolate: true });
  await client.resetSession();
  await client.predict("/echo", ["x"]);
  const ids = app.of("/queue/join").map(({ body }) => (JSON.parse(body) as { session_hash: string }).session_hash);
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(made).toContain(id);
  }
  expect(client.sessionHash).toBe(ids[2]);
});

test.each(["\ud800", "a<gradio-sep>b"])(
  "the session hash %j is rejected before a request, and not quoted",
  async (hash) => {
    const app = await hostileApp();
    const error = await thrown(connect(app.url, { sessionHash: `SECRET${hash}` }));
    expect(error).toBeInstanceOf(InputError);
    expect(words(error)).not.toContain("SECRET");
    expect(app.seen).toEqual([]);
  },
);
