import { once } from "node:events";
import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { app, raw } from "../../../test/servers/loopback.ts";
import { get, listeners, read, signal } from "../../../test/servers/requests.ts";

afterEach(async () => {
  await vi.waitUntil(() => listeners(signal) === 0);
});

const ways = {
  "by its length": "content-length: 99\r\n\r\nhello",
  "in chunks": "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
  "until the connection closes": "\r\nhello",
  compressed: `content-encoding: gzip\r\n\r\n${gzipSync("hello").toString("latin1").slice(0, -9)}`,
};

test.each(Object.entries(ways))(
  "a body that breaks off fails after the bytes before, if it is sent %s",
  async (_, rest) => {
    let connection: Socket | undefined;
    const url = await raw((socket) => {
      connection = socket;
      socket.write(`HTTP/1.1 200 OK\r\n${rest}`, "latin1");
    });
    const answer = await get(url);
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("hello");
    connection!.resetAndDestroy();
    await expect(reader.read()).rejects.toThrow(/ECONNRESET|closed in the middle/);
  },
);

test.each(Object.entries(ways))("an abort ends a body that is sent %s with an error", async (_, rest) => {
  const gone = Promise.withResolvers<void>();
  const url = await raw((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${rest}`, "latin1");
    socket.on("close", gone.resolve);
  });
  const abort = new AbortController();
  const reader = (await get(url, { signal: abort.signal })).body!.getReader();
  await reader.read();
  const next = reader.read();
  abort.abort();
  await expect(next).rejects.toThrow("The request was aborted.");
  await gone.promise;
  expect(listeners(abort.signal)).toBe(0);
});

test.each([
  ["200 OK\r\ncontent-length: 5", "hello"],
  ["200 OK\r\ncontent-length: 5\r\ncontent-encoding: identity", "hello"],
  ["204 None", ""],
])("bytes after the end of an answer, %j, have no effect", async (head, text) => {
  const url = await raw((socket) => socket.end(`HTTP/1.1 ${head}\r\n\r\n${text} and more`));
  const answer = await get(url);
  expect([answer.status, await read(answer)]).toEqual([Number(head.slice(0, 3)), { text }]);
});

test("an abort after the last byte of an answer, before its end was read, affects no other request", async () => {
  const url = await app((_, response) => response.end("hello"));
  for (let round = 0; round < 20; round++) {
    const abort = new AbortController();
    const { body } = await get(url, { signal: abort.signal });
    await new Promise((resolve) => setImmediate(resolve));
    await body!.getReader().read();
    abort.abort();
    await vi.waitUntil(() => listeners(abort.signal) === 0, { interval: 1 });
  }
  // What Node throws at the program would have failed the run.
  expect(await read(await get(url))).toEqual({ text: "hello" });
});

test("cancelling a body settles its pending read and closes the connection", async () => {
  const gone = Promise.withResolvers<void>();
  const url = await app((_, response) => void response.on("close", gone.resolve).write("hello"));
  const reader = (await get(url)).body!.getReader();
  await reader.read();
  const next = reader.read().catch(() => "nothing");
  await reader.cancel();
  expect(await next).toBe("nothing");
  await gone.promise;
});

test.each([
  ["gzip", gzipSync("hello"), "hello"],
  ["br", brotliCompressSync("hello"), "hello"],
  ["gzip, br", brotliCompressSync(gzipSync("hello")), "hello"],
  ["identity", Buffer.from("hello"), "hello"],
  ["gzip, secret", Buffer.from("hello"), "hello"],
  ["gzip", Buffer.alloc(0), ""],
])("a body with the encoding %s is decompressed, if the encoding is known", async (encoding, bytes, text) => {
  const url = await app((_, response) => response.setHeader("content-encoding", encoding).end(bytes));
  expect(await read(await get(url))).toEqual({ text });
});

test("a body that is compressed a thousand times is rejected", async () => {
  const url = await app((_, response) => response.setHeader("content-encoding", "gzip,".repeat(1000)).end("x"));
  await expect(get(url)).rejects.toThrow("compressed 1000 times");
});

test("a body is received only as fast as it is read", async () => {
  const piece = Buffer.alloc(1_000_000);
  const pieces = 100;
  let left = 0;
  const url = await app(async (_, response) => {
    for (let at = 0; at < pieces; at++) {
      left++;
      if (!response.write(piece)) await once(response, "drain");
    }
    response.end();
  });
  const { body } = await get(url);
  const reader = body!.getReader();
  let size = (await reader.read()).value!.length;
  let before = -1;
  await vi.waitUntil(() => before === (before = left), { interval: 200 });
  expect(left).toBeLessThan(pieces / 2);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value!.length;
  }
  expect(size).toBe(pieces * piece.length);
});
