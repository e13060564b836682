import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ServedApp } from "@gradio-rx/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leakyApp } from "./app.ts";
import { type Relay, startRelay } from "./relay.ts";

/** Output of `programs/measure.ts`. */
interface Measured {
  /** Growth in bytes per job. */
  slope: number;
  samples: number[];
  watched: number;
  alive: number;
  listeners: number;
  resources: string[];
  warnings: string[];
}

/** Number of jobs of each kind. `LEAK_JOBS=10000` is the number for which the guarantee is given; it takes minutes. */
const JOBS = Number(process.env["LEAK_JOBS"] ?? 400);
const TIME_LIMIT = 60_000 + JOBS * 120;

/**
 * Whether memory does not grow: no slope over thousands of jobs; over fewer jobs, where one-time allocations matter, no
 * increase.
 */
function isFlat({ slope, samples: [first = 0, ...later] }: Measured): boolean {
  if (JOBS >= 5_000) return slope < 100;
  return Math.min(...later.slice(-3)) - first < 2_500_000;
}

let app: ServedApp;
let relay: Relay;
beforeAll(async () => {
  app = await leakyApp();
  relay = await startRelay(app.url);
});
afterAll(async () => {
  relay.close();
  await app.close();
});

async function measure(way: string): Promise<Measured> {
  const script = fileURLToPath(new URL("programs/measure.ts", import.meta.url));
  const args = ["--expose-gc", "--conditions=@gradio-rx/source", script, relay.url, way, String(JOBS)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: TIME_LIMIT });
  expect(stderr).toBe("");
  const measured = JSON.parse(stdout) as Measured;
  if (process.env["LEAK_JOBS"] !== undefined) console.log(way, stdout);
  return measured;
}

test.each(["value", "outputs", "refused", "failed", "too late", "cancelled", "aborted", "cut"])(
  "jobs that end in this way leave nothing behind: %s",
  async (way) => {
    const measured = await measure(way);
    const { samples, watched, alive, listeners, resources, warnings } = measured;
    expect(isFlat(measured), samples.join(", ")).toBe(true);
    // Jobs, their outputs and their errors are collected when they are not referenced.
    expect(watched).toBeGreaterThan(40);
    expect(alive).toBe(0);
    // Listeners on a signal of the caller that lives longer than the call.
    expect(listeners).toBe(0);
    // Timers and sockets after close(); the program has exited by itself.
    expect(resources).toEqual([]);
    expect(warnings).toEqual([]);
    expect(relay.open).toBe(0);
    // Twenty calls at a time, each with at most three connections; cancels use further ones.
    expect(relay.most).toBeLessThan(400);
    // The app has no generator, stream or waiting job of them.
    await expect.poll(() => [app.running, app.openStreams, app.queued], { timeout: 5_000 }).toEqual([0, 0, 0]);
  },
  TIME_LIMIT,
);

test("2,000 calls that wait in one queue hold less than 20 MB", async () => {
  const script = fileURLToPath(new URL("programs/waiting.ts", import.meta.url));
  const args = ["--expose-gc", "--conditions=@gradio-rx/source", script, app.url, "2000"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
  const { bytes, statuses, late } = JSON.parse(stdout) as { bytes: number; statuses: number; late: string[][] };
  expect(bytes).toBeLessThan(20_000_000);
  // Live readers received each status; late ones receive the latest of each stage.
  expect(statuses).toBeGreaterThan(4_000);
  expect(late).toEqual(Array.from({ length: 3 }, () => ["starting", "queued"]));
}, 150_000);

test("closing a client ends its stream, also after garbage collection, and the program exits", async () => {
  // An app that sends no messages and does not end the stream by itself.
  const config = {
    protocol: "sse_v3",
    components: [],
    dependencies: [{ id: 0, api_name: "silent", inputs: [], outputs: [], backend_fn: true, queue: true }],
  };
  const server = createServer(({ url = "" }, response) => {
    if (url.startsWith("/queue/data")) response.write('data: {"msg":"process_starts","event_id":"e"}\n\n');
    else response.end(JSON.stringify(url === "/config" ? config : { event_id: "e" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const script = fileURLToPath(new URL("programs/after-collection.ts", import.meta.url));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ["--expose-gc", "--conditions=@gradio-rx/source", script, address];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  server.closeAllConnections();
  server.close();
  expect(stdout).toBe("closed");
}, 30_000);
