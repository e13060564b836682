import { type JobEvent } from "#sdk";
import { filter, firstValueFrom, from, lastValueFrom, map, toArray } from "rxjs";
import { expect, test } from "vitest";
import { holds } from "./differences.ts";
import { collect, connect, errorOf, until } from "./place.ts";

const data = (events: JobEvent[]) => events.flatMap((event) => (event.type === "data" ? [event.data] : []));

test("every reader receives all events from the start, however late it subscribes", async () => {
  const client = await connect();
  const early: JobEvent[] = [];
  const job = client.submit("/generate", ["abcd", 0.01]);
  job.events$.subscribe((event) => early.push(event));
  const during = collect(job);
  await job.result();
  const late = await collect(job);
  const again = await collect(job);
  const observed = await lastValueFrom(job.events$.pipe(toArray()));
  expect(data(late)).toEqual(["a", "ab", "abc", "abcd"]);
  expect(again).toEqual(late);
  expect(observed).toEqual(late);
  // Readers from the beginning receive each of several statuses in a row with the same stage, late ones the latest.
  expect(remembered(early)).toEqual(late);
  expect(remembered(await during)).toEqual(late);
});

/** The events that a late reader receives. */
function remembered(events: readonly JobEvent[]): JobEvent[] {
  return events.filter((event, at) => {
    const next = events[at + 1];
    return event.type !== "status" || next?.type !== "status" || next.stage !== event.stage;
  });
}

test("result() may be asked for often, before and after the end", async () => {
  const client = await connect();
  const job = client.submit("/echo", ["x"]);
  expect(await Promise.all([job.result(), job.result()])).toEqual(["x", "x"]);
  expect(await job.result()).toBe("x");
  expect(job.done).toBe(true);
});

test("the time limit and the signal of result() end only the waiting", async () => {
  const client = await connect();
  const job = client.submit("/slow", [0.5]);
  const late = await errorOf(job.result({ timeout: 20 }));
  expect(late).toMatchObject({ name: "TimeoutError", code: "timeout", kind: "result" });
  const reason = new Error("no patience");
  const abort = new AbortController();
  const waiting = errorOf(job.result({ signal: abort.signal }));
  abort.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await errorOf(job.result({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(job.done).toBe(false);
  expect(await job.result()).toBe(0.5);
});

test("outputs() is a copy", async () => {
  const client = await connect();
  const job = client.submit("/generate", ["ab", 0.01]);
  await job.result();
  job.outputs().length = 0;
  expect(job.outputs()).toEqual(["a", "ab"]);
});

test("keepOutputs drops old outputs for late readers, and not for current ones", async () => {
  const client = await connect();
  const heard: unknown[] = [];
  const job = client.submit("/generate", ["abcde", 0.01], {
    keepOutputs: 2,
    onData: (event) => heard.push(event.data),
  });
  const slow = job.values();
  await job.result();
  expect(job.outputs()).toEqual(["abcd", "abcde"]);
  expect(data(await collect(job))).toEqual(["abcd", "abcde"]);
  expect(heard).toEqual(["a", "ab", "abc", "abcd", "abcde"]);
  expect(await collect(slow)).toEqual(["a", "ab", "abc", "abcd", "abcde"]);
  const stages = (await collect(job)).flatMap((event) => (event.type === "status" ? [event.stage] : []));
  expect(stages[0]).toBe("starting");
  expect(stages.at(-1)).toBe("complete");
});

test("values({ policy: 'latest' }) skips to the newest for a slow loop", async () => {
  const client = await connect();
  const job = client.submit<string>("/generate", ["abcdef", 0.01]);
  const values = job.values({ policy: "latest" });
  await job.result();
  expect(await collect(values)).toEqual(["abcdef"]);
});

test("leaving a loop early stops reading and does not cancel", async () => {
  const client = await connect();
  const job = client.submit("/generate", ["abc", 0.02]);
  for await (const _ of job.values()) break;
  expect(await job.result()).toBe("abc");
});

test("unsubscribing from a job's Observables does not cancel it", async () => {
  const client = await connect();
  const job = client.submit<string>("/generate", ["abc", 0.02]);
  expect(await firstValueFrom(job.outputs$)).toBe("a");
  expect(await job.result()).toBe("abc");
});

test("outputs$ and status$ are the events by type; from(job) emits all events", async () => {
  const client = await connect();
  const job = client.submit<string>("/generate", ["ab", 0.01]);
  const events = await lastValueFrom(from(job).pipe(toArray()));
  expect(await lastValueFrom(job.outputs$.pipe(toArray()))).toEqual(["a", "ab"]);
  const statuses = events.filter((event) => event.type === "status");
  expect(await lastValueFrom(job.status$.pipe(toArray()))).toEqual(statuses);
  const texts$ = from(job).pipe(
    filter((event) => event.type === "data"),
    map((event) => event.data.toUpperCase()),
  );
  expect(await lastValueFrom(texts$.pipe(toArray()))).toEqual(["A", "AB"]);
});

test("Observables replay past events synchronously in subscribe", async () => {
  const client = await connect();
  const job = client.submit("/echo", ["x"]);
  await job.result();
  const seen: unknown[] = [];
  job.outputs$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push("done") });
  expect(seen).toEqual(["x", "done"]);
});

test("callbacks are called in order with whole events, exactly one of onResult and onError, none before submit has returned", async () => {
  const client = await connect();
  const calls: string[] = [];
  const job = client.submit<string>("/logs", ["x"], {
    onStatus: (event) => calls.push(event.stage),
    onData: (event) => calls.push(`data ${event.data}`),
    onLog: (event) => calls.push(event.level),
    onResult: (result) => calls.push(`result ${result}`),
    onError: () => calls.push("error"),
    resultCallbacks: [(result) => calls.push(`first ${result}`), (result) => calls.push(`second ${result}`)],
  });
  calls.push("returned");
  await job.result();
  expect(calls.slice(0, 2)).toEqual(["returned", "starting"]);
  expect(calls.filter((call) => !/queued|processing/.test(call)).slice(2)).toEqual([
    "info",
    "warning",
    ...(holds("there are no logs with level success") ? [] : ["success"]),
    "data x",
    "complete",
    "result x",
    "first x",
    "second x",
  ]);
});

test("callbacks of a rejected call are called after submit has returned, too", async () => {
  const client = await connect();
  const calls: unknown[] = [];
  const job = client.submit("/echo", [], {
    onStatus: (event) => calls.push(event.stage),
    onError: (error) => calls.push(error),
  });
  expect(calls).toEqual([]);
  const error = await errorOf(job.result());
  expect(calls).toEqual(["starting", "error", error]);
});

test("on() replays after it has returned, and its listener can be removed", async () => {
  const client = await connect();
  const job = client.submit("/generate", ["ab", 0.01]);
  await job.result();
  const seen: unknown[] = [];
  job.on("data", (event) => seen.push(event.data));
  job.on("result", (result) => seen.push(`result ${String(result)}`));
  const remove = job.on("data", () => seen.push("removed"));
  remove();
  expect(seen).toEqual([]);
  await Promise.resolve();
  expect(seen).toEqual(["a", "ab", "result ab"]);
  expect(() => job.on("nothing" as "data", () => undefined)).toThrow("Job.on");
});

test("actions of a reader take effect at once, and their events are delivered to every reader after the event being handled", async () => {
  const client = await connect();
  const job = client.submit("/infinite", [0.01]);
  const first: string[] = [];
  const second: string[] = [];
  const name = (event: JobEvent): string =>
    event.type === "status" ? event.stage : `${event.type} ${String(event.type === "data" && event.data)}`;
  job.events$.subscribe({
    next: (event) => {
      first.push(name(event));
      if (event.type !== "data") return;
      void job.cancel();
      expect(job.done).toBe(true);
      expect(job.status().stage).toBe("cancelled");
    },
    error: () => first.push("end"),
  });
  job.events$.subscribe({ next: (event) => second.push(name(event)), error: () => second.push("end") });
  await errorOf(job.result());
  expect(first.slice(-3)).toEqual(["data 0", "cancelled", "end"]);
  expect(second).toEqual(first);
});

test("observe is cold: each subscription is one submission, and emits nothing before subscribe has returned", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const steps$ = client.observe<number>("/watched", [key, 2, 0]);
  expect(await client.predict("/record", [key])).toEqual({ started: 0, finished: 0, stopped: 0 });
  let called = false;
  const done = new Promise<void>((resolve) => {
    steps$.subscribe({ next: () => (called = true), complete: resolve });
  });
  expect(called).toBe(false);
  await done;
  expect(data(await lastValueFrom(steps$.pipe(toArray())))).toEqual([0, 1]);
  expect(await client.predict("/record", [key])).toEqual({ started: 2, finished: 2, stopped: 0 });
});

test("observe supports callbacks and errors like every call", async () => {
  const client = await connect();
  const seen: unknown[] = [];
  await lastValueFrom(client.observe("/echo", ["x"], { onResult: (result) => seen.push(result) }));
  await until(() => seen.length > 0);
  expect(seen).toEqual(["x"]);
  expect(await errorOf(lastValueFrom(client.observe("/echo", [])))).toMatchObject({ code: "input" });
  expect(await errorOf(lastValueFrom(client.observe("/fail", ["no"])))).toMatchObject({ code: "app", message: "no" });
});

test("a reader of the terminal status cannot change the outcome: there is one terminal status, and the result stays", async () => {
  const client = await connect();
  for (const [endpoint, args, end] of [
    ["/echo", ["x"], "complete"],
    ["/fail", ["no"], "error"],
  ] as const) {
    const abort = new AbortController();
    const cancels: Promise<boolean>[] = [];
    const job = client.submit(endpoint, args, { signal: abort.signal });
    const undo = (): void => {
      cancels.push(job.cancel());
      abort.abort();
    };
    job.status$.subscribe({ next: ({ stage }) => stage === end && undo(), error: () => undefined });
    job.on("status", ({ stage }) => stage === end && undo());
    await job.result().catch(() => undefined);
    const stages = await collect(job).then(
      (events) => events,
      () => [],
    );
    expect(await Promise.all(cancels)).toEqual([false, false]);
    expect(job.status().stage).toBe(end);
    expect(stages.filter((event) => event.type === "status" && event.success !== null)).toHaveLength(
      end === "complete" ? 1 : 0,
    );
  }
});

test("a slow reader with the latest policy receives the latest value, also after it has received one", async () => {
  const client = await connect();
  const job = client.submit<string>("/generate", ["abcd", 0.05]);
  const seen: string[] = [];
  for await (const text of job.values({ policy: "latest" })) {
    seen.push(text);
    await job.result();
  }
  expect(seen).toEqual(["a", "abcd"]);
  expect(() => job.values({ policy: "newest" as "latest" })).toThrow("policy");
});

test("onError in a client's defaults is called for a rejected call, too", async () => {
  const client = await connect();
  const reported: unknown[] = [];
  const watched = client.withOptions({ onError: (error) => reported.push(error) });
  const error = await errorOf(watched.predict("/echo", ["x"], { nope: 1 } as object));
  expect(reported).toEqual([error]);
});
