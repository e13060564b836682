import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openBatch, runBatch } from "@gradio-rx/batch";
import { AppError, CancelledError, InputError } from "@gradio-rx/node";
import { AppFailure, endpoint, number, serveApp, state } from "@gradio-rx/testing";
import { lastValueFrom, toArray } from "rxjs";
import { expect, onTestFinished, test, vi } from "vitest";
import { keepOutcome } from "../came.ts";
import { closing, key, makeFolder, numbers, pairs, patient, recordsOf, storePath } from "../setup.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Serves an app that counts the runs of each input. Negative inputs fail. */
async function counting({ wait = async () => undefined }: { wait?: (value: number) => Promise<void> } = {}) {
  const runs = new Map<number, number>();
  const double = endpoint({
    inputs: [number("value")],
    outputs: [number("double")],
    concurrencyLimit: 8,
    fn: async (value: number) => {
      runs.set(value, (runs.get(value) ?? 0) + 1);
      await wait(value);
      if (value < 0) throw new AppFailure(`${value} is negative`);
      return value * 2;
    },
  });
  const app = await serveApp({ "/double": double });
  onTestFinished(() => app.close());
  return { app, runs };
}

test("each input gets one record with its result, and done resolves to the numbers of records", async () => {
  const { app, runs } = await counting();
  const batch = closing(
    runBatch<number, number[]>({ store: storePath(), apps: app.url, endpoint: "/double", inputs: pairs(200), key }),
  );
  const records = await recordsOf(batch);
  expect(await batch.done).toEqual({ succeeded: 200, failed: 0 });
  expect(records.map((record) => record.key).toSorted()).toEqual(pairs(200).map(key).toSorted());
  expect(records.every((record) => record.result === Number(record.key.slice(1)) * 2)).toBe(true);
  expect(records[0]).toMatchObject({ attempts: 1, app: app.url, time: expect.any(Date) as Date });
  expect(new Set(runs.values())).toEqual(new Set([1]));
});

test("a second run with the same store and inputs runs nothing, and yields the records of the first", async () => {
  const { app, runs } = await counting();
  const store = storePath();
  const options = { store, apps: app.url, endpoint: "/double", inputs: [...pairs(20), [-1]], attempts: 1 };
  const first = runBatch(options);
  await first.done;
  await first.close();
  const total = runs.size;
  const second = closing(runBatch(options));
  expect(await second.done).toEqual({ succeeded: 20, failed: 1 });
  expect(await recordsOf(second)).toHaveLength(21);
  expect([...runs.values()].reduce((sum, one) => sum + one, 0)).toBe(total);
});

test("inputs with the same key are one input: the first counts", async () => {
  const { app, runs } = await counting();
  const inputs = [[1], [2], [3]];
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs, key: () => "same" }),
  );
  expect((await recordsOf(batch)).map(({ result }) => result)).toEqual([2]);
  expect([...runs.keys()]).toEqual([1]);
});

test("an input that fails by the function is run as often as attempts says, and then is a dead letter with its error", async () => {
  const { app, runs } = await counting();
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs: [[-5], [5]], backoff: 1 }),
  );
  expect(await batch.done).toEqual({ succeeded: 1, failed: 1 });
  const dead = [];
  for await (const record of batch.deadLetters()) dead.push(record);
  expect(dead).toHaveLength(1);
  expect(dead[0]).toMatchObject({ input: [-5], attempts: 3 });
  expect(dead[0]!.error).toBeInstanceOf(AppError);
  expect(dead[0]!.error.message).toContain("-5 is negative");
  expect(runs.get(-5)).toBe(3);
});

test("an input that the endpoint does not accept is a dead letter at once, and nothing is sent for it", async () => {
  const { app, runs } = await counting();
  const inputs = [{ unknown: 1 }, { value: 2 }];
  const batch = closing(runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs }));
  expect(await batch.done).toEqual({ succeeded: 1, failed: 1 });
  const failed = (await recordsOf(batch)).find(({ error }) => error);
  expect(failed?.error).toBeInstanceOf(InputError);
  expect(runs.size).toBe(1);
});

test("retry runs dead letters again: one that succeeds then has a result in place of its error", async () => {
  let broken = true;
  const app = await serveApp({
    "/fix": (value: number) => {
      if (broken) throw new AppFailure("broken");
      return value;
    },
  });
  onTestFinished(() => app.close());
  const store = storePath();
  const options = { store, apps: app.url, endpoint: "/fix", attempts: 1 };
  const first = runBatch({ ...options, inputs: pairs(3), key });
  expect(await first.done).toEqual({ succeeded: 0, failed: 3 });
  await first.close();
  broken = false;
  const looking = openBatch(store);
  expect(await looking.retry(["n1", "n2", "unknown"])).toBe(2);
  await looking.close();
  const second = closing(runBatch({ ...options, inputs: [] }));
  expect(await second.done).toEqual({ succeeded: 2, failed: 1 });
  const records = await recordsOf(second);
  expect(Object.fromEntries(records.map((record) => [record.key, record.result]))).toEqual({
    n0: undefined,
    n1: 1,
    n2: 2,
  });
});

test("the last progress agrees with done, and then the Observable completes", async () => {
  const { app } = await counting();
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs: [[-1], [1], [2]], attempts: 1 }),
  );
  const values = await lastValueFrom(batch.progress$.pipe(toArray()));
  expect(values.at(-1)).toMatchObject({ stage: "complete", read: 3, queued: 0, running: 0, ...(await batch.done) });
  expect(values.at(-1)!.apps).toMatchObject([{ app: app.url, state: "open", running: 0, waiting: 0 }]);
});

test("inputs that never end are read no further than readAhead before they are recorded, and the batch can be stopped", async () => {
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { app } = await counting({ wait: () => held });
  let read = 0;
  let isClosed = false;
  async function* endless() {
    try {
      for (;;) yield [read++];
    } finally {
      isClosed = true;
    }
  }
  const batch = closing(
    runBatch({
      store: storePath(),
      apps: app.url,
      endpoint: "/double",
      inputs: endless(),
      readAhead: 60,
      concurrency: 4,
    }),
  );
  await vi.waitFor(() => expect(app.running).toBe(4), patient);
  await vi.waitFor(() => expect(read).toBe(60), patient);
  release();
  await vi.waitFor(() => expect(read).toBeGreaterThan(200), patient);
  await batch.stop();
  await expect(batch.done).rejects.toBeInstanceOf(CancelledError);
  expect(isClosed).toBe(true);
  keepOutcome({
    fault: "inputs that never end",
    holds: "read no further than readAhead before they are recorded; the batch can be stopped",
    came: "60 read while none was recorded; stopped, and the iterator was closed",
  });
});

test("what runs when the batch is stopped is cancelled after grace, and the next run continues with it", async () => {
  let hangs = true;
  const { app, runs } = await counting({
    wait: (value) => (hangs && value > 2 ? new Promise(() => undefined) : Promise.resolve()),
  });
  const options = { store: storePath(), apps: app.url, endpoint: "/double", inputs: pairs(5), key };
  const first = runBatch(options);
  await vi.waitFor(() => expect(runs.size).toBe(5), patient);
  await first.stop({ grace: 10 });
  await first.close();
  hangs = false;
  const second = closing(runBatch(options));
  expect(await second.done).toEqual({ succeeded: 5, failed: 0 });
  expect([0, 1, 2].map((value) => runs.get(value))).toEqual([1, 1, 1]);
});

test("an aborted signal stops the batch, and done rejects with its reason", async () => {
  const { app } = await counting({ wait: () => new Promise(() => undefined) });
  const controller = new AbortController();
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs: pairs(3), signal: controller.signal }),
  );
  await vi.waitFor(() => expect(app.running).toBe(3), patient);
  const reason = new Error("enough");
  controller.abort(reason);
  void batch.close();
  await expect(batch.done).rejects.toBe(reason);
});

test("a paused batch starts nothing until it is resumed", async () => {
  const { app, runs } = await counting();
  async function* slow() {
    yield [1];
    await batch.pause();
    yield [2];
    yield [3];
  }
  const batch = closing(runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs: slow() }));
  const stages: string[] = [];
  batch.progress$.subscribe(({ stage }) => stages.push(stage));
  await vi.waitFor(() => expect(stages).toContain("paused"), patient);
  expect(runs.has(3)).toBe(false);
  await batch.resume();
  expect(await batch.done).toEqual({ succeeded: 3, failed: 0 });
});

test("export writes the results and the errors as lines of JSON when the batch has ended", async () => {
  const { app } = await counting();
  const folder = makeFolder();
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/double", inputs: [[1], [-1]], key, attempts: 1 }),
  );
  const files = { results: join(folder, "results.jsonl"), errors: join(folder, "errors.jsonl") };
  await batch.export(files);
  const read = async (path: string): Promise<unknown[]> =>
    (await readFile(path, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  expect(await read(files.results)).toMatchObject([{ key: "n1", result: 2, attempts: 1 }]);
  expect(await read(files.errors)).toMatchObject([{ key: "n-1", input: [-1], error: { code: "app" } }]);
});

test("an invalid option, a store of another endpoint and inputs that throw reject done", async () => {
  const { app } = await counting();
  const store = storePath();
  const options = { store, apps: app.url, endpoint: "/double", inputs: pairs(1) };
  await expect(runBatch({ ...options, atempts: 2 } as never).done).rejects.toThrow('no option "atempts"');
  await expect(runBatch({ ...options, concurrency: -1 }).done).rejects.toBeInstanceOf(InputError);
  const first = runBatch(options);
  await first.done;
  await first.close();
  await expect(closing(runBatch({ ...options, endpoint: "/other" })).done).rejects.toThrow(
    'belongs to a batch of the endpoint "/double"',
  );
  function* broken() {
    yield [7];
    throw new Error("no more lines");
  }
  await expect(closing(runBatch({ ...options, inputs: broken() })).done).rejects.toThrow("no more lines");
});

test("an endpoint with state is refused without isolate, and has a session for each input with it", async () => {
  const count = state(0);
  const add = endpoint({
    inputs: [number("step"), count],
    outputs: [number("sum"), count],
    fn: (step: number, sum: number) => [sum + step, sum + step],
  });
  const app = await serveApp({ "/add": add });
  onTestFinished(() => app.close());
  const options = { apps: app.url, endpoint: "/add", inputs: pairs(6), key };
  const shared = closing(runBatch({ ...options, store: storePath() }));
  await expect(shared.done).rejects.toThrow("keeps state");
  const own = closing(runBatch<number, number[]>({ ...options, store: storePath(), call: { isolate: true } }));
  const records = await recordsOf(own);
  expect(records.map(({ result }) => result!).toSorted((a, b) => a - b)).toEqual(numbers(6));
});
