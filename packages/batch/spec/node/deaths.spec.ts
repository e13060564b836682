import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileStore, openBatch, runBatch } from "@gradio-rx/batch";
import { ConnectionError, InputError } from "@gradio-rx/node";
import { AppFailure, faultProxy, serveApp } from "@gradio-rx/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { keepOutcome } from "../came.ts";
import { startProgram } from "../programs.ts";
import { closing, counting, key, pairs, patient, recordsOf, storePath } from "../setup.ts";

vi.setConfig({ testTimeout: 60_000 });

test("a process that is killed again and again loses no record: each key gets one, and runs at most once more per kill", async () => {
  const { app, runs } = await counting(() => sleep(5));
  const store = storePath();
  const argument = { store, url: app.url, count: 300 };
  for (const kills of [60, 160]) {
    const program = startProgram("file-batch", argument);
    await vi.waitFor(() => expect(runs.size).toBeGreaterThan(kills), patient);
    await program.kill();
  }
  const last = startProgram("file-batch", argument);
  expect(await last.ended, last.lines.join("\n")).toBe(0);
  expect(last.lines).toEqual([JSON.stringify({ succeeded: 300, failed: 0 })]);
  const records = await recordsOf(closing(openBatch<number>(store)));
  expect(records.map((record) => record.key).toSorted()).toEqual(pairs(300).map(key).toSorted());
  expect(records.every((record) => record.key === `n${record.result}`)).toBe(true);
  const again = [...runs.values()].filter((times) => times > 1);
  expect(Math.max(...runs.values())).toBeLessThanOrEqual(3);
  // At most the calls in flight at each kill.
  expect(again.length).toBeLessThanOrEqual(2 * 8);
  keepOutcome({
    fault: "process with a file store killed twice (SIGKILL)",
    holds: "one record for each key; a key runs at most once more for each kill that struck it in flight",
    came: `${records.length} records of 300 keys, ${again.length} ran again, at most ${Math.max(...runs.values())} runs`,
  });
});

test("a store that another process has open is an InputError, can be read, and can be opened when that process was killed", async () => {
  const { app, runs } = await counting(() => new Promise(() => undefined));
  const store = storePath();
  const program = startProgram("file-batch", { store, url: app.url, count: 3 });
  await vi.waitFor(() => expect(runs.size).toBe(3), patient);
  const refused = closing(openBatch(store));
  await expect(refused.done).rejects.toBeInstanceOf(InputError);
  await expect(refused.done).rejects.toThrow("open in another process");
  const reader = await fileStore(store).open({ warn: () => undefined, readOnly: true });
  expect(await reader.rules()).toMatchObject({ endpoint: "/count" });
  await expect(reader.setTries("n0", { failures: 1, losses: 0, app: null })).rejects.toThrow("could not be written");
  await reader.close();
  await program.kill();
  expect(await closing(openBatch(store)).done).toEqual({ succeeded: 0, failed: 0 });
  writeFileSync(`${store}-empty`, "");
  const empty = fileStore(`${store}-empty`).open({ warn: () => undefined, readOnly: true });
  await expect(empty).rejects.toThrow("has no batch");
  keepOutcome({
    fault: "second process with the same file store",
    holds: "InputError; the lock ends with the first process, also a killed one",
    came: "refused, then opened after the kill",
  });
});

test("a copy that answers 429 rests, its inputs run at the other copy, and none of them counts an attempt", async () => {
  const { app } = await counting();
  const proxy = await faultProxy(app.url);
  onTestFinished(() => proxy.close());
  proxy.add({
    method: "POST",
    path: "/queue/join",
    times: "always",
    fault: { answer: { status: 429, headers: { "retry-after": "0" } } },
  });
  const batch = closing(
    runBatch({ store: storePath(), apps: [proxy.url, app.url], endpoint: "/count", inputs: pairs(30), key }),
  );
  expect(await batch.done).toEqual({ succeeded: 30, failed: 0 });
  expect((await recordsOf(batch)).every(({ attempts, app: name }) => attempts === 1 && name === app.url)).toBe(true);
  keepOutcome({
    fault: "copy that answers 429",
    holds: "it rests; its inputs run at the other copy; no attempt is counted",
    came: "30 of 30 inputs succeeded at the other copy, one attempt each",
  });
});

test("inputs of a copy that dies run at the other copy", async () => {
  const healthy = await counting();
  const dying = await counting(() => new Promise(() => undefined));
  const apps = [dying.app.url, healthy.app.url];
  const batch = closing(runBatch({ store: storePath(), apps, endpoint: "/count", inputs: pairs(40), key }));
  await vi.waitFor(() => expect(dying.runs.size).toBeGreaterThan(0), patient);
  await dying.app.close();
  expect(await batch.done).toEqual({ succeeded: 40, failed: 0 });
  expect((await recordsOf(batch)).every((record) => record.app === healthy.app.url)).toBe(true);
  keepOutcome({
    fault: "copy that dies with calls in flight",
    holds: "its inputs run at the other copy",
    came: "40 of 40 inputs succeeded at the other copy",
  });
});

test("a copy that restarts is used again, and every input gets a result", async () => {
  const { app } = await counting(() => sleep(20));
  const batch = closing(runBatch({ store: storePath(), apps: app.url, endpoint: "/count", inputs: pairs(60), key }));
  await vi.waitFor(() => expect(app.running).toBeGreaterThan(2), patient);
  app.restart();
  expect(await batch.done).toEqual({ succeeded: 60, failed: 0 });
});

test("with resubmit: false, a run whose connection was lost is a dead letter with a ConnectionError", async () => {
  let isFirst = true;
  const { app, runs } = await counting(async () => {
    if (isFirst) await new Promise(() => undefined);
  });
  const batch = closing(
    runBatch({ store: storePath(), apps: app.url, endpoint: "/count", inputs: pairs(1), key, resubmit: false }),
  );
  await vi.waitFor(() => expect(runs.size).toBe(1), patient);
  isFirst = false;
  app.dropStreams();
  const [record] = await recordsOf(batch);
  expect(record?.error).toBeInstanceOf(ConnectionError);
  expect(record?.error).toMatchObject({ accepted: null });
  expect(runs.get(0)).toBe(1);
  keepOutcome({
    fault: "connection lost during a run, resubmit: false",
    holds: "dead letter with ConnectionError, accepted: null; no second run",
    came: `${record!.error!.name}, 1 run`,
  });
});

test("the next attempt after a failure of the function is made at another copy", async () => {
  const broken = await serveApp({
    "/count": (value: number) => {
      if (value >= 0) throw new AppFailure("no GPU");
      return value;
    },
  });
  onTestFinished(() => broken.close());
  const { app } = await counting();
  const apps = [broken.url, app.url];
  const batch = closing(
    runBatch({ store: storePath(), apps, endpoint: "/count", inputs: pairs(20), key, backoff: 1, attempts: 2 }),
  );
  expect(await batch.done).toEqual({ succeeded: 20, failed: 0 });
});

test("done rejects when every copy refuses: an unknown endpoint, and a login that is missing", async () => {
  const { app } = await counting();
  const options = { store: storePath(), apps: app.url, inputs: pairs(1) };
  await expect(closing(runBatch({ ...options, endpoint: "/none" })).done).rejects.toThrow('has no endpoint "/none"');
  const locked = await serveApp({ "/count": (value: number) => value }, { auth: ["user", "password"] });
  onTestFinished(() => locked.close());
  const refused = closing(runBatch({ ...options, store: storePath(), apps: locked.url, endpoint: "/count" }));
  await expect(refused.done).rejects.toMatchObject({ code: "authentication" });
});

test("a copy that refuses is out, with the reason, while the other one runs the inputs", async () => {
  const { app } = await counting();
  const other = await serveApp({ "/else": (value: number) => value });
  onTestFinished(() => other.close());
  const batch = closing(
    runBatch({ store: storePath(), apps: [other.url, app.url], endpoint: "/count", inputs: pairs(10), key }),
  );
  expect(await batch.done).toEqual({ succeeded: 10, failed: 0 });
  let states: unknown;
  batch.progress$.subscribe(({ apps }) => (states = apps));
  expect(states).toMatchObject([
    { app: other.url, state: "out", reason: expect.stringContaining("has no endpoint") as string },
    { app: app.url, state: "open", until: null },
  ]);
});
