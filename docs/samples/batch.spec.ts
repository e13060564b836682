import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServedApp } from "@gradio-rx/testing";
import { expect, onTestFinished, test } from "vitest";
import { startRedis } from "../../packages/batch/spec/redis-server.ts";
import { startApp } from "./app.ts";
import { feed, greetPeople, retryAll, work } from "./batch.ts";

async function start(): Promise<ServedApp> {
  const app = await startApp();
  onTestFinished(() => app.close());
  return app;
}

test("batches: a file store with two copies, and dead letters", async () => {
  const [first, second] = await Promise.all([start(), start()]);
  const folder = await mkdtemp(join(tmpdir(), "batch-samples-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const store = join(folder, "greetings.sqlite");
  const lines: string[] = [];
  await greetPeople({ store, first: first.url, second: second.url }, (line) => lines.push(line));
  expect(lines.toSorted()).toEqual(["p1: Hello Ada", "p2: Hello Grace"]);
  expect(await retryAll(store)).toBe(0);
});

test("batches: one process feeds, and a worker runs the inputs", async () => {
  const [app, redis] = await Promise.all([start(), startRedis()]);
  const stopping = new AbortController();
  const worker = work(redis.url, app.url, stopping.signal);
  expect(await feed(redis.url, app.url)).toEqual({ succeeded: 2, failed: 0 });
  stopping.abort();
  await worker.stop();
});
