import { ProtocolError } from "#sdk";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gave, hostileApp } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

/** Writes a piece repeatedly while the client reads; resolves with the number of bytes written. */
async function flood(response: ServerResponse, piece: string, written: { bytes: number }): Promise<void> {
  const closed = once(response, "close");
  while (!response.destroyed) {
    written.bytes += piece.length;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), closed]);
  }
}

test.each([
  ["a line that never ends", "x".repeat(65_536)],
  ["an event of lines without end", `\ndata: ${"x".repeat(65_536)}`],
])(
  "%s is stopped at the size limit of an event, and the client still works",
  async (_, piece) => {
    const written = { bytes: 0 };
    let floods = true;
    const app = await hostileApp({
      trick: ({ url }, response) => {
        if (!floods || !url.includes("/queue/data")) return false;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: ");
        void flood(response, piece, written);
        return true;
      },
    });
    const client = await connect(app.url);
    const error = await thrown(client.predict("/echo", ["x"]));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(written.bytes).toBeLessThan(100 * 1024 * 1024);
    floods = false;
    expect(await client.predict("/echo", ["x"])).toBe("fine");
  },
  60_000,
);

test("messages for unknown calls are kept up to a limit only", async () => {
  const early = JSON.stringify({ msg: "log", event_id: "unknown", log: "x".repeat(100) });
  let join: ServerResponse | undefined;
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (url.includes("/queue/join") && app.of("/queue/join").length === 2) {
        join = response;
        return true;
      }
      if (!url.includes("/queue/data")) return false;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"msg":"process_starts","event_id":"e1"}\n\n');
      // Only messages that arrive during a join may belong to its call.
      const wait = setInterval(() => {
        if (!join) return;
        clearInterval(wait);
        for (let count = 0; count < 10_100; count++) response.write(`data: ${early}\n\n`);
      }, 5);
      return true;
    },
  });
  const client = await connect(app.url);
  const running = client.submit("/echo", ["x"]);
  for await (const event of running) if (event.type === "status" && event.stage === "processing") break;
  expect(await thrown(client.predict("/echo", ["y"]))).toBeInstanceOf(ProtocolError);
  expect(running.done).toBe(false);
}, 30_000);

test("an edit that would create a huge list or a list with holes is rejected", async () => {
  const messages = [
    { msg: "process_generating", event_id: "$ID", success: true, output: { data: [[]] } },
    { msg: "process_generating", event_id: "$ID", success: true, output: { data: [[["add", [4_294_967_294], 1]]] } },
  ];
  const client = await connect((await hostileApp({ messages })).url);
  expect(await thrown(client.predict("/echo", ["x"]))).toBeInstanceOf(ProtocolError);
});

test("a response that exceeds the size limit after decompression, or the nesting limit, is rejected", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
  const inflating = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.startsWith("/config")) return false;
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
      return true;
    },
  });
  expect(await thrown(connect(inflating.url, { limits: { body: 1_000_000 } }))).toBeInstanceOf(ProtocolError);
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const message = `data: {"msg":"process_completed","event_id":"$ID","success":true,"output":{"data":[${nested}]}}\n\n`;
  const client = await connect((await hostileApp({ messages: [message] })).url);
  expect(await thrown(client.predict("/echo", ["x"]))).toBeInstanceOf(ProtocolError);
});

test("messages for unknown calls are kept up to a number of bytes only", async () => {
  let join: ServerResponse | undefined;
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (url.includes("/queue/join") && app.of("/queue/join").length === 2) {
        join = response;
        return true;
      }
      if (!url.includes("/queue/data")) return false;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"msg":"process_starts","event_id":"e1"}\n\n');
      const wait = setInterval(() => {
        if (!join) return;
        clearInterval(wait);
        for (let index = 0; index < 12; index++)
          response.write(
            `data: ${JSON.stringify({ msg: "log", event_id: `z${index}`, log: "x".repeat(100_000) })}\n\n`,
          );
      }, 5);
      return true;
    },
  });
  const client = await connect(app.url, { limits: { pendingBytes: 1_000_000 } });
  const running = client.submit("/echo", ["x"]);
  for await (const event of running) if (event.type === "status" && event.stage === "processing") break;
  expect(await thrown(client.predict("/echo", ["y"]))).toBeInstanceOf(ProtocolError);
  expect(running.done).toBe(false);
}, 30_000);

test("a job keeps its log up to a number of bytes: the oldest messages are dropped, and one says how many", async () => {
  const log = (text: string): object => ({ msg: "log", event_id: "$ID", level: "info", log: text });
  const logs = Array.from({ length: 100 }, (_, index) => log(`${index} ${"x".repeat(1_000)}`));
  const app = await hostileApp({ messages: [...logs, gave("fine")] });
  const client = await connect(app.url, { limits: { logs: 20_000 } });
  const heard: string[] = [];
  const job = client.submit("/echo", ["x"], { onLog: (event) => void heard.push(event.log) });
  expect(await job.result()).toBe("fine");
  // A reader that is there from the start misses nothing.
  expect(heard).toHaveLength(100);
  const kept: string[] = [];
  for await (const event of job) if (event.type === "log") kept.push(event.log);
  expect(kept.join("").length).toBeLessThan(20_000);
  expect(kept.at(-1)).toMatch(/^99 /);
  const [first = "", ...rest] = kept;
  expect(first).toMatch(/^\d+ earlier log messages/);
  expect(Number.parseInt(first, 10) + rest.length).toBeGreaterThanOrEqual(100);
});

test("a long response without compression is stopped at limits.body", async () => {
  const written = { bytes: 0 };
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.startsWith("/config")) return false;
      response.writeHead(200, { "content-type": "application/json" });
      void flood(response, " ".repeat(65_536), written);
      return true;
    },
  });
  expect(await thrown(connect(app.url, { limits: { body: 1_000_000 } }))).toBeInstanceOf(ProtocolError);
  expect(written.bytes).toBeLessThan(50_000_000);
});

test("the body of an error is read up to a megabyte; its status is enough", async () => {
  const written = { bytes: 0 };
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.startsWith("/config")) return false;
      response.writeHead(401);
      void flood(response, "x".repeat(65_536), written);
      return true;
    },
  });
  expect(await thrown(connect(app.url))).toMatchObject({ code: "authentication", status: 401 });
  expect(written.bytes).toBeLessThan(50_000_000);
});

test("a message of a WebSocket that is longer than limits.event is rejected", async () => {
  const app = await hostileApp({
    config: { version: "3.50.2", protocol: undefined, api_prefix: undefined },
    socket: ({ headers }, socket) => {
      const key = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      const accept = key.digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );
      const payload = Buffer.from(JSON.stringify({ msg: "log", log: "x".repeat(60_000) }));
      socket.write(Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]), payload]));
    },
  });
  const client = await connect(app.url, { limits: { event: 50_000 } });
  const error = await thrown(client.predict("/echo", ["x"]));
  expect(error).toBeInstanceOf(ProtocolError);
  expect(String(error)).toContain("50000 characters");
});
