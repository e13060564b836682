import { Worker } from "bullmq";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createWorker, fileStore, openBatch, runBatch } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";
import { GradioError } from "@gradio-rx/node";
import { expect, test, vi } from "vitest";
import { freePort } from "../../../../test/servers/free-port.ts";
import { Batch } from "../../src/batch.ts";
import { keepOutcome } from "../came.ts";
import { memoryApp } from "../memory-app.ts";
import { argumentsOf, startProgram } from "../programs.ts";
import { answers } from "../redis-process.ts";
import { startRedis } from "../redis-server.ts";
import { closing, counting, key, numbers, pairs, patient, recordsOf, storePath } from "../setup.ts";
import { smallDisk } from "../small-disk.ts";

vi.setConfig({ testTimeout: 120_000 });

const storeAt = (url: string) => redisStore({ url, name: "spec", lease: 1_000 });

test("a full disk ends a batch with a file store and an error that says so, and the same call continues when there is space", async () => {
  const { app, runs } = await counting();
  const count = 300;
  const disk = await smallDisk();
  const argument = { store: `${disk.folder}/batch.sqlite`, url: app.url, count };
  const command = [process.execPath, ...argumentsOf("file-batch", argument)].map((part) => `'${part}'`).join(" ");
  const full = await disk.run(command);
  expect(full).toMatchObject({ code: 1, output: expect.stringContaining("Free some space") as string });
  const ran = runs.size;
  expect(ran).toBeLessThan(count);
  await disk.grow();
  const rest = await disk.run(command);
  expect(rest).toEqual({ code: 0, output: JSON.stringify({ succeeded: count, failed: 0 }) });
  expect(runs.size).toBe(count);
  // At most the calls in flight of the first run.
  const again = [...runs.values()].filter((times) => times > 1).length;
  expect(again).toBeLessThanOrEqual(8);
  keepOutcome({
    fault: "disk full under a file store, then space again",
    holds: "done rejects and says so; the same call continues; at most the calls in flight run twice",
    came: `${ran} of ${count} ran; then ${count} records, ${again} ran twice`,
  });
});

test("results that are not read take no memory", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heap: number[] = [];
  const size = 2_000;
  function* inputs(): Iterable<[number]> {
    for (let value = 0; value <= 4 * size; value++) {
      if (value % size === 0) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      yield [value];
    }
  }
  const text = "x".repeat(1_000);
  const batch = closing(
    new Batch(() => ({
      store: fileStore(storePath()),
      apps: [memoryApp((value) => `${value} ${text}`)],
      rules: { endpoint: "/echo", call: {}, attempts: 1, backoff: 0, resubmit: true },
      inputs: inputs(),
      key: ([value]: [number]) => `n${value}`,
      concurrency: 32,
      ahead: 32,
      readAhead: 200,
      files: {},
      signal: undefined,
      warn: () => undefined,
    })),
  );
  expect(await batch.done).toEqual({ succeeded: 4 * size + 1, failed: 0 });
  // The results of the last 6,000 inputs have 6 MB.
  const grown = heap.at(-1)! - heap[1]!;
  expect(grown).toBeLessThan(3_000_000);
  keepOutcome({
    fault: "8,001 results of 1 kB that are not read",
    holds: "the heap does not grow with them: less than 3 MB from 2,000 to 8,000 inputs",
    came: `${(grown / 1e6).toFixed(1)} MB`,
  });
});

test("a copy of the app that is killed and restarted under Redis: each key has one record, and runs at most once more", async () => {
  const redis = await startRedis();
  const port = await freePort();
  const first = startProgram("app", { port });
  await vi.waitFor(() => expect(first.lines).toContain("ready"), patient);
  const url = `http://127.0.0.1:${port}`;
  const count = 120;
  // No process dies here: a lock that lapses on a busy machine would be another fault.
  const store = redisStore({ url: redis.url, name: "spec", lease: 60_000 });
  const batch = closing(
    runBatch<number, number[]>({ store, apps: url, endpoint: "/count", inputs: pairs(count), key, concurrency: 0 }),
  );
  const workers = [createWorker({ store, apps: url }), createWorker({ store, apps: url })];
  await vi.waitFor(() => expect(first.lines.length).toBeGreaterThan(20), patient);
  await first.kill();
  const second = startProgram("app", { port });
  expect(await batch.done).toEqual({ succeeded: count, failed: 0 });
  const keys = (await recordsOf(batch)).map((record) => record.key);
  expect(keys.toSorted()).toEqual(pairs(count).map(key).toSorted());
  const runs = Map.groupBy([...first.lines, ...second.lines], (line) => line);
  runs.delete("ready");
  const most = Math.max(...Array.from(runs.values(), (lines) => lines.length));
  expect(runs.size).toBe(count);
  expect(most).toBeLessThanOrEqual(2);
  await Promise.all(workers.map((worker) => worker.stop()));
  keepOutcome({
    fault: "copy of the app killed and restarted, two workers under Redis",
    holds: "one record for each key; no key runs more than twice",
    came: `${keys.length} records of ${count} keys, at most ${most} runs`,
  });
});

test("a worker of BullMQ that takes nothing although inputs wait is replaced after twice the lease", async () => {
  const redis = await startRedis();
  const { app, runs } = await counting();
  // A worker that never receives a job, as some have been after an outage of Redis.
  const fetched = vi
    .spyOn(Worker.prototype as unknown as { _getNextJob: () => Promise<unknown> }, "_getNextJob")
    .mockImplementationOnce(() => new Promise(() => undefined));
  const options = { store: storeAt(redis.url), apps: app.url, endpoint: "/count", inputs: pairs(20), key };
  const batch = closing(runBatch(options));
  expect(await batch.done).toEqual({ succeeded: 20, failed: 0 });
  expect(fetched.mock.contexts[0]).not.toBe(fetched.mock.contexts.at(-1));
  expect(new Set(runs.values())).toEqual(new Set([1]));
  fetched.mockRestore();
  keepOutcome({
    fault: "worker of BullMQ that takes nothing while inputs wait",
    holds: "another one replaces it after twice the lease",
    came: "20 of 20 inputs succeeded, one run each",
  });
});

test("a Redis without appendonly is named in a warning of the logger", async () => {
  const redis = await startRedis("--appendonly", "no");
  const { app } = await counting();
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger = { debug: () => undefined, info: () => undefined, error: () => undefined, warn };
  const options = { store: storeAt(redis.url), apps: app.url, endpoint: "/count", inputs: pairs(2), logger };
  expect(await closing(runBatch(options)).done).toEqual({ succeeded: 2, failed: 0 });
  expect(warnings).toEqual([expect.stringContaining("appendonly no") as string]);
  keepOutcome({
    fault: "Redis without appendonly",
    holds: "a warning of the logger, once; nothing is printed",
    came: warnings.join(),
  });
});

test("a full disk under Redis: done rejects and says so, and the same call continues when there is space", async () => {
  const { app, runs } = await counting(() => sleep(2));
  const count = 300;
  const disk = await smallDisk();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const options = `--bind 127.0.0.1 --port ${port} --dir ${disk.folder} --appendonly yes --save ''`;
  await disk.run(`redis-server ${options} > /dev/null 2>&1 < /dev/null &`);
  await answers(url);
  // The records need more than the rest of the disk.
  await disk.run(`head -c 800000 /dev/zero > ${disk.folder}/filler`);
  const start = () => runBatch({ store: storeAt(url), apps: app.url, endpoint: "/count", inputs: pairs(count), key });
  const first = closing(start());
  const reason = await first.done.catch((error: unknown) => error);
  expect(reason).toBeInstanceOf(GradioError);
  expect(String(reason)).toContain("Free some space");
  const ran = runs.size;
  await disk.grow();
  await vi.waitFor(async () => expect(await closing(openBatch(storeAt(url))).retry([])).toBe(0), patient);
  await first.close();
  expect(await closing(start()).done).toEqual({ succeeded: count, failed: 0 });
  expect(numbers(count).every((value) => runs.has(value))).toBe(true);
  keepOutcome({
    fault: "disk full under Redis, then space again",
    holds: "done rejects and says so; the same call continues",
    came: `${ran} of ${count} ran; then ${count} records`,
  });
});
