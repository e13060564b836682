import { AppError, CancelledError, Client, type FileData, InputError, type Job, QueueFullError } from "#sdk";
import { expect, onTestFinished, type RunnerTestCase, test } from "vitest";
import { holds, named, version } from "../differences.ts";
import { appUrl, collect, connect, errorOf, platform, until } from "../place.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Capability of the servers of this run, noted by a test for the table of COMPATIBILITY.md. */
    capability?: { version: string; name: string; can: string };
  }
}

// One test per column of the table of COMPATIBILITY.md; it fails if the noted capability does not hold.

/** Notes a capability in one or two words. */
function note(task: RunnerTestCase, can: string): void {
  task.meta.capability = { version, name: task.name, can };
}

const stage = (job: Job, wanted: string) => until(() => job.status().stage === wanted);

interface Record {
  started: number;
  finished: number;
  stopped: number;
}

test("wire", async ({ task }) => {
  const client = await connect();
  expect(await client.predict("/two", ["ab", 2])).toEqual(["AB", 4]);
  note(task, client.app.protocol);
});

test("outputs", async ({ task }) => {
  const client = await connect();
  const job = client.submit("/generate", ["abc", 0.01]);
  const events = (await collect(job)).filter((event) => event.type === "data");
  expect(events.map(({ data }) => data)).toEqual(["a", "ab", "abc"]);
  const whole = holds("outputs are sent whole: changes are unknown, and nothing is shared");
  expect(events.map(({ changed }) => changed === null)).toEqual([true, whole, whole]);
  note(task, whole ? "whole" : "diffs");
});

test("arguments", async ({ task }) => {
  const client = await connect();
  const call = client.predict("/two", { number: 2, text: "ab" });
  if (!named) expect(await errorOf(call)).toBeInstanceOf(InputError);
  else expect(await call).toEqual(["AB", 4]);
  note(task, named ? "by name" : "by position");
});

test("state", async ({ task }) => {
  const client = await connect();
  expect([await client.predict("/counter", [2]), await client.predict("/counter", [3])]).toEqual([2, 5]);
  note(task, "yes");
});

test("progress", async ({ task }) => {
  const client = await connect();
  const events = await collect(client.submit("/progress", [2]));
  const bars = events.flatMap((event) => (event.type === "status" ? (event.progressData ?? []) : []));
  expect(bars).toContainEqual({ index: null, length: null, unit: "steps", progress: 0.75, desc: "fraction" });
  note(task, "yes");
});

test("logs", async ({ task }) => {
  const client = await connect();
  const logs = (await collect(client.submit("/logs", ["now"]))).filter((event) => event.type === "log");
  const titles = !holds("logs and errors have no title");
  expect(logs.slice(0, 2)).toMatchObject([
    { level: "info", log: "info now", title: titles ? "Info" : null },
    { level: "warning", log: "warning now", title: titles ? "Warning" : null },
  ]);
  note(task, titles ? "titled" : "untitled");
});

test("errors", async ({ task }) => {
  const client = await connect();
  const error = await errorOf(client.predict("/fail_fully", ["it's so"]));
  expect(error).toBeInstanceOf(AppError);
  const titles = !holds("logs and errors have no title");
  expect(error).toMatchObject({ message: "it's so", title: titles ? "Title" : null });
  note(task, titles ? "titled" : "untitled");
});

test("files in", async ({ task }) => {
  const client = await connect();
  expect(await client.predict("/file_info", [new Blob(["abc"])])).toMatchObject({ size: 3, head: "616263" });
  note(task, "yes");
});

test("files out", async ({ task }) => {
  const client = await connect();
  const file = await client.predict<FileData>("/file_make", ["made.txt", 3]);
  const answer = await fetch(file.url);
  expect(await answer.text()).toBe("xxx");
  note(task, "yes");
});

test("cancel", async ({ task }) => {
  const client = await connect();
  const key = crypto.randomUUID();
  const record = () => client.predict<Record>("/record", [key]);
  const job = client.submit("/watched", [key, 200, 0.05]);
  await stage(job, "generating");
  expect(await job.cancel()).toBe(true);
  expect(await errorOf(job.result())).toBeInstanceOf(CancelledError);
  await until(async () => (await record()).stopped === 1);
  note(task, "yes");
});

test("cancel in the queue", async ({ task }) => {
  const client = await connect();
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const running = client.submit("/watched_one", [first, 20, 0.05]);
  await stage(running, "generating");
  const queued = client.submit("/watched_one", [second, 3, 0.05]);
  await stage(queued, "queued");
  expect(await queued.cancel()).toBe(true);
  const behind = client.submit("/watched_one", [crypto.randomUUID(), 30, 0.05]);
  expect(await running.result()).toBe(19);
  await stage(behind, "generating");
  const late = holds("a call that is cancelled in the queue may still start");
  const record = () => client.predict<Record>("/record", [second]);
  // If the call starts it is stopped, unless the cancel arrives before the app has a task to stop.
  if (late) expect((await record()).started).toBeLessThanOrEqual(1);
  else expect(await record()).toEqual({ started: 0, finished: 0, stopped: 0 });
  note(task, late ? "may start" : "yes");
});

test("queue full", async ({ task }) => {
  const client = await connect({}, "odd");
  const key = crypto.randomUUID();
  const jobs = Array.from({ length: 6 }, () => client.submit("/watched_one", [key, 6, 0.05]));
  const outcomes = await Promise.allSettled(jobs.map((job) => job.result()));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  expect(refused.length).toBeGreaterThanOrEqual(1);
  for (const error of refused) expect(error).toBeInstanceOf(QueueFullError);
  note(task, "refused");
});

test("outside the queue", async ({ task }) => {
  const client = await connect();
  const job = client.submit("/direct_generate", [3]);
  await job.result();
  expect(job.outputs()).toEqual([0, 1, 2]);
  note(task, "yes");
});

test("without a queue", async ({ task }) => {
  const client = await connect({}, "direct");
  const job = client.submit("/echo", ["said"]);
  const events: string[] = [];
  for await (const event of job) events.push(event.type === "status" ? event.stage : event.type);
  expect(await job.result()).toBe("said");
  expect([events[0], events.at(-2), events.at(-1)]).toEqual(["starting", "data", "complete"]);
  expect([await client.predict("/count", [2]), await client.predict("/count", [3])]).toEqual([2, 5]);
  const error = await errorOf(client.predict("/fail", ["it's told"]));
  expect(error).toBeInstanceOf(AppError);
  expect(error.message).toBe("it's told");
  note(task, "yes");
});

test("batches", async ({ task }) => {
  const client = await connect();
  const results = await Promise.all(["a", "b", "c"].map((text) => client.predict<string>("/batch", [text])));
  const mixed = holds("all jobs of a batch get the output of the last one");
  for (const [index, text] of results.entries()) expect(mixed ? "abc" : "abc"[index]).toContain(text[0]);
  note(task, mixed ? "mixed up" : "yes");
});

test("login", async ({ task }) => {
  const url = await appUrl("locked");
  // Over plain http a browser sends the cookie of a login to the same site only.
  const address = platform === "browser" ? url.replace("127.0.0.1", location.hostname) : url;
  const client = await Client.connect(address, { auth: ["user", "p@ss:wörd"] });
  onTestFinished(() => client.close());
  expect(await client.predict<{ username: string }>("/headers", ["none"])).toMatchObject({ username: "user" });
  note(task, "yes");
});

test("under a path", async ({ task }) => {
  const client = await connect({}, "odd");
  expect(client.app.url).toMatch(/\/sub\/path\/$/);
  expect(await client.predict("/echo", ["mounted"])).toBe("mounted");
  note(task, "yes");
});
