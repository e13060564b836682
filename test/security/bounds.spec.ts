import { ProtocolError } from "#sdk";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { hostileApp } from "./hostile.ts";
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
