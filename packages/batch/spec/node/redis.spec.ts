import { setTimeout as sleep } from "node:timers/promises";
import { createWorker, openBatch, runBatch } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";
import { CancelledError, ConnectionError, InputError } from "@gradio-rx/node";
import { AppFailure, serveApp } from "@gradio-rx/testing";
import { Redis } from "ioredis";
import { lastValueFrom } from "rxjs";
import { expect, onTestFinished, test, vi } from "vitest";
import { keepOutcome } from "../came.ts";
import { startProgram } from "../programs.ts";
import { startRedis } from "../redis-server.ts";
import { closing, counting, key, pairs, patient, recordsOf } from "../setup.ts";

vi.setConfig({ testTimeout: 60_000 });

const storeAt = (url: string) => redisStore({ url, name: "spec", lease: 1_000 });

test("a batch in Redis has one record for each key, a second run runs nothing, and no jobs are left behind", async () => {
  const redis = await startRedis();
  const { app, runs } = await counting();
  const options = { apps: app.url, endpoint: "/count", inputs: [...pairs(150), [-1]], key, backoff: 1, attempts: 2 };
  const first = closing(runBatch<number, number[]>({ ...options, store: storeAt(redis.url) }));
  const records = await recordsOf(first);
  expect(await first.done).toEqual({ succeeded: 150, failed: 1 });
  expect(new Set(records.map((record) => record.key)).size).toBe(151);
  expect(records.find(({ error }) => error)).toMatchObject({ key: "n-1", input: [-1], attempts: 2 });
  expect(runs.get(-1)).toBe(2);
  const second = closing(runBatch({ ...options, store: storeAt(redis.url) }));
  expect(await second.done).toEqual({ succeeded: 150, failed: 1 });
  expect(runs.get(-1)).toBe(2);
  expect(await closing(openBatch(storeAt(redis.url))).done).toEqual({ succeeded: 150, failed: 1 });
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  await vi.waitFor(async () => expect(await client.keys("gradio-rx:spec:k*")).toEqual([]), patient);
});

test("inputs of killed workers are run by another one: each key has one record, and runs at most once more per kill", async () => {
  const redis = await startRedis();
  const { app, runs } = await counting(() => sleep(10));
  const batch = closing(
    runBatch<number, number[]>({
      store: storeAt(redis.url),
      apps: app.url,
      endpoint: "/count",
      inputs: pairs(300),
      key,
      concurrency: 0,
    }),
  );
  const argument = { redis: redis.url, url: app.url };
  const [first, second] = [startProgram("redis-worker", argument), startProgram("redis-worker", argument)];
  await vi.waitFor(() => expect(runs.size).toBeGreaterThan(40), patient);
  await first.kill();
  await vi.waitFor(() => expect(runs.size).toBeGreaterThan(120), patient);
  await second.kill();
  startProgram("redis-worker", argument);
  expect(await batch.done).toEqual({ succeeded: 300, failed: 0 });
  const records = await recordsOf(batch);
  expect(records.map((record) => record.key).toSorted()).toEqual(pairs(300).map(key).toSorted());
  expect(Math.max(...runs.values())).toBeLessThanOrEqual(3);
  keepOutcome({
    fault: "two workers under Redis killed, one after the other (SIGKILL)",
    holds: "one record for each key; a key runs at most once more for each kill",
    came: `${records.length} records of 300 keys, at most ${Math.max(...runs.values())} runs`,
  });
});

test("a Redis that is killed and restarted loses no record, and the batch continues", async () => {
  const redis = await startRedis();
  const { app, runs } = await counting(() => sleep(10));
  const batch = closing(
    runBatch<number, number[]>({
      store: storeAt(redis.url),
      apps: app.url,
      endpoint: "/count",
      inputs: pairs(200),
      key,
      concurrency: 8,
    }),
  );
  await vi.waitFor(() => expect(runs.size).toBeGreaterThan(40), patient);
  await redis.kill();
  await redis.start();
  expect(await batch.done).toEqual({ succeeded: 200, failed: 0 });
  const records = await recordsOf(batch);
  expect(records.map((record) => record.key).toSorted()).toEqual(pairs(200).map(key).toSorted());
  keepOutcome({
    fault: "Redis killed and restarted",
    holds: "no record is lost, and the batch continues",
    came: `${records.length} records of 200 keys`,
  });
});

test("dead letters in Redis run again after retry, and a worker that is stopped completes its progress", async () => {
  const redis = await startRedis();
  let broken = true;
  const app = await serveApp({
    "/fix": (value: number) => {
      if (broken) throw new AppFailure("broken");
      return value;
    },
  });
  onTestFinished(() => app.close());
  const options = { store: storeAt(redis.url), apps: app.url, endpoint: "/fix", attempts: 1 };
  const first = closing(runBatch({ ...options, inputs: pairs(3), key }));
  expect(await first.done).toEqual({ succeeded: 0, failed: 3 });
  broken = false;
  const worker = createWorker({ store: storeAt(redis.url), apps: app.url });
  expect(await first.retry()).toBe(3);
  const looking = closing(openBatch(storeAt(redis.url)));
  expect(await looking.done).toEqual({ succeeded: 3, failed: 0 });
  const last = lastValueFrom(worker.progress$);
  await worker.stop();
  expect(await last).toMatchObject({ stage: "stopped", succeeded: 3, failed: 0 });
});

test("a Redis that evicts keys, one that cannot be reached, and a worker of another version are refused", async () => {
  const evicting = await startRedis("--maxmemory-policy", "allkeys-lru");
  const { app } = await counting();
  const options = { apps: app.url, endpoint: "/count", inputs: pairs(1) };
  const refused = closing(runBatch({ ...options, store: storeAt(evicting.url) }));
  await expect(refused.done).rejects.toBeInstanceOf(InputError);
  await expect(refused.done).rejects.toThrow("maxmemory-policy allkeys-lru");
  await evicting.kill();
  const away = closing(runBatch({ ...options, store: storeAt(evicting.url) }));
  await expect(away.done).rejects.toBeInstanceOf(ConnectionError);

  const redis = await startRedis();
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  await client.set("gradio-rx:spec:batch:rules", JSON.stringify({ layout: 99, rules: {} }));
  const worker = createWorker({ store: storeAt(redis.url), apps: app.url });
  await expect(lastValueFrom(worker.progress$)).rejects.toThrow("has the layout 99");
  await expect(closing(runBatch({ ...options, store: storeAt(redis.url) })).done).rejects.toThrow("has the layout 99");
  keepOutcome({
    fault: "Redis that evicts keys",
    holds: "refused with InputError",
    came: String(await refused.done.catch((error: unknown) => error)),
  });
  keepOutcome({
    fault: "worker of another version",
    holds: "refused with InputError",
    came: "worker and batch were refused: the layout 99",
  });
});

test("a batch whose Redis is away can be stopped and closed", async () => {
  const redis = await startRedis();
  const { app, runs } = await counting(() => sleep(10));
  const batch = closing(
    runBatch({ store: storeAt(redis.url), apps: app.url, endpoint: "/count", inputs: pairs(500), key, concurrency: 4 }),
  );
  await vi.waitFor(() => expect(runs.size).toBeGreaterThan(10), patient);
  await redis.kill();
  await batch.close();
  await expect(batch.done).rejects.toBeInstanceOf(CancelledError);
  keepOutcome({
    fault: "Redis away for good",
    holds: "the batch can be stopped and closed",
    came: "closed, done rejected with CancelledError",
  });
});
