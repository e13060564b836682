import { lastValueFrom, of, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";
import { AppError, CancelledError, ConnectionError, QueueFullError, RateLimitError } from "../errors.ts";
import type { DataEvent, JobEvent, LogEvent, ProgressBar, StatusEvent, StatusUpdate } from "../events.ts";
import { initialStatus } from "../call/status.ts";
import {
  auditFrame,
  initialJobState,
  type JobState,
  jobState,
  nextJobState,
  ofType,
  outputs,
  progress,
  retryJob,
  textDelta,
} from "./index.ts";

const at = { endpoint: "/write", fnIndex: 0, eventId: null, time: new Date(0) };
const status = (patch: Partial<StatusUpdate> = {}): StatusEvent => ({
  type: "status",
  ...at,
  ...initialStatus(),
  ...patch,
});
const data = <T>(value: T): DataEvent<T> => ({
  type: "data",
  ...at,
  data: value,
  outputs: [value],
  final: false,
  changed: null,
});
const log: LogEvent = { type: "log", ...at, level: "info", log: "hello", title: null, duration: null, visible: true };
const bar = (patch: Partial<ProgressBar>): ProgressBar => ({
  index: null,
  length: null,
  unit: null,
  progress: null,
  desc: null,
  ...patch,
});
const bars = (...list: Partial<ProgressBar>[]): StatusEvent =>
  status({ stage: "processing", progressData: list.map(bar) });
const done = status({ stage: "complete", success: true });
const failed = status({ stage: "error", success: false });
const cancelled = status({ stage: "cancelled", success: false });

type Helpers = Parameters<Parameters<TestScheduler["run"]>[0]>[0];
const marbles = (work: (helpers: Helpers) => void): void =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(work);

test("ofType passes on the events of the given types", () => {
  const events = { s: status(), d: data("a"), l: log };
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold<JobEvent<string>>("s-d-l", events).pipe(ofType("log"))).toBe("----l", events);
    expectObservable(cold<JobEvent<string>>("s-d-l", events).pipe(ofType("log", "data"))).toBe("--d-l", events);
  });
});

test("outputs passes on the bare outputs", () => {
  marbles(({ cold, expectObservable }) => {
    const events$ = cold<JobEvent<string>>("s-d-e|", { s: status(), d: data("a"), e: data("b") });
    expectObservable(events$.pipe(outputs())).toBe("--a-b|");
  });
});

test("progress emits each value of the outermost bar once, and 1 at the end", () => {
  const events = {
    s: status(),
    a: bars({ index: 0, length: 4 }, { progress: 0.9 }),
    b: bars({ index: 2, length: 4 }, { progress: 0.1 }),
    c: bars({ progress: 0.5 }),
    u: bars({ index: 3 }),
    d: data("a"),
    z: done,
  };
  marbles(({ cold, expectObservable }) => {
    const events$ = cold<JobEvent<string>>("sabcudz|", events);
    expectObservable(events$.pipe(progress())).toBe("-xy---z|", { x: 0, y: 0.5, z: 1 });
  });
});

test("textDelta emits what follows the longest common beginning, and no empty text", () => {
  marbles(({ cold, expectObservable }) => {
    const texts$ = cold("a-b-b-c|", { a: "ab", b: "abc", c: "abX" });
    expectObservable(texts$.pipe(textDelta())).toBe("a-c---X|", { a: "ab", c: "c", X: "X" });
  });
});

test("textDelta emits no half of a surrogate pair", async () => {
  const [first, second] = "😀";
  expect(second).toBeUndefined();
  const deltas = (...texts: string[]) => lastValueFrom(of(...texts).pipe(textDelta(), toArray()));
  expect(await deltas("a", "a\ud83d", "a😀", "a😀b")).toEqual(["a", first, "b"]);
  // Both have the same first half.
  expect(await deltas("a😀", "a😁")).toEqual(["a😀", "😁"]);
});

test("textDelta begins anew with each subscription", async () => {
  const deltas$ = of("ab").pipe(textDelta(), toArray());
  expect(await lastValueFrom(deltas$)).toEqual(["ab"]);
  expect(await lastValueFrom(deltas$)).toEqual(["ab"]);
});

test("auditFrame passes on the newest value once a frame, and the last before the end", () => {
  marbles(({ animate, cold, expectObservable }) => {
    animate("                                            ---x---x---x");
    expectObservable(cold("abc--d|").pipe(auditFrame())).toBe("---c--(d|)");
    expectObservable(cold("abc--d---|").pipe(auditFrame())).toBe("---c---d-|");
    expectObservable(cold("ab#").pipe(auditFrame())).toBe("--(b#)");
    expectObservable(cold("ab---").pipe(auditFrame()), "--!").toBe("---");
  });
});

test("auditFrame uses timers where there are no frames", () => {
  marbles(({ animate, cold, expectObservable }) => {
    // A hidden page: the next frame comes when the page is visible again.
    animate("900ms x");
    expectObservable(cold("ab 500ms c 200ms |").pipe(auditFrame())).toBe("100ms b 501ms c 100ms |");
  });
});

test("retryJob submits again where nothing ran, and shows the failure of the last try alone", () => {
  const events = { s: status(), f: failed, d: data("a"), z: done };
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const full = new QueueFullError("The queue is full.");
    const call$ = cold<JobEvent<string>>("s(f#)", events, full);
    expectObservable(call$.pipe(retryJob({ count: 2, minDelay: 0 }))).toBe("sss(f#)", events, full);
    expectSubscriptions(call$.subscriptions).toBe(["^!", "-^!", "--^!"]);
  });
});

test("retryJob leaves a call alone that may have run", () => {
  const events = { s: status(), f: failed };
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    for (const error of [new AppError("no"), new ConnectionError("lost", { accepted: true })]) {
      const call$ = cold<JobEvent<string>>("s(f#)", events, error);
      expectObservable(call$.pipe(retryJob())).toBe("s(f#)", events, error);
      expectSubscriptions(call$.subscriptions).toBe("^!");
    }
  });
});

test("retryJob waits for as long as a rate limit asks", () => {
  marbles(({ cold, expectObservable }) => {
    const error = new RateLimitError("Slow down.", { retryAfter: 20_000 });
    const call$ = cold<JobEvent<string>>("#", {}, error);
    expectObservable(call$.pipe(retryJob({ count: 2 }))).toBe("40s #", {}, error);
  });
});

test("retryJob asks `when` instead, where it is given", () => {
  marbles(({ cold, expectObservable }) => {
    const error = new AppError("busy");
    const call$ = cold<JobEvent<string>>("-#", {}, error);
    expectObservable(call$.pipe(retryJob({ count: 1, minDelay: 0, when: () => true }))).toBe("--#", {}, error);
  });
});

const phases = (states: readonly JobState[]) => states.map(({ phase }) => phase);

test("jobState shows a call as pending at once, then streaming, and an error as its last state", () => {
  const error = new AppError("no");
  const events = { s: status(), d: data("a"), e: data("b"), f: failed };
  marbles(({ cold, expectObservable, flush }) => {
    const seen: JobState<string>[] = [];
    cold<JobEvent<string>>("--s-d-e-#", events, error)
      .pipe(jobState())
      .subscribe((state) => seen.push(state));
    const phase$ = cold<JobEvent<string>>("--s-d-#", events, error).pipe(jobState());
    expectObservable(phase$).toBe("p-q-t-(e|)", {
      p: expect.objectContaining({ phase: "pending", data: undefined, status: null }),
      q: expect.objectContaining({ phase: "pending", status: expect.objectContaining({ stage: "starting" }) }),
      t: expect.objectContaining({ phase: "streaming", data: "a" }),
      e: expect.objectContaining({ phase: "error", data: "a", error }),
    });
    flush();
    expect(phases(seen)).toEqual(["pending", "pending", "streaming", "streaming", "error"]);
    expect(seen.every((state) => Object.isFrozen(state))).toBe(true);
  });
});

const reduce = (...inputs: Parameters<typeof nextJobState<string>>[1][]) =>
  inputs.reduce<JobState<string>[]>(
    (states, input) => [...states, nextJobState(states.at(-1)!, input)],
    [initialJobState],
  );

test("the state is the same object until something changes", () => {
  const states = reduce(status(), data("a"), done, { type: "complete" });
  expect(phases(states)).toEqual(["idle", "pending", "streaming", "success", "success"]);
  expect(states[4]).toBe(states[3]);
});

test("a cancelled call has the phase cancelled and no error, and keeps the last output", () => {
  const byStatus = reduce(data("a"), cancelled, { type: "error", error: new DOMException("gone", "AbortError") });
  expect(byStatus.at(-1)).toMatchObject({ phase: "cancelled", data: "a", error: null });
  const byError = reduce(data("a"), { type: "error", error: new CancelledError("gone") });
  expect(byError.at(-1)).toMatchObject({ phase: "cancelled", data: "a", error: null });
});

test("an error that is not the SDK's is the cause of one that is", () => {
  const error = new RangeError("odd");
  const last = reduce({ type: "error", error }).at(-1)!;
  expect(last.error).toBeInstanceOf(ConnectionError);
  expect(last.error).toMatchObject({ message: "odd", cause: error });
});

test("logs are collected, progress and upload are those of the newest status", () => {
  const upload = { sent: 1, total: 4 };
  const uploading = status({ stage: "uploading", upload });
  const states = reduce(status(), uploading, bars({ progress: 0.25 }), log, log, data("a"), done);
  expect(states[2]).toMatchObject({ phase: "pending", upload });
  expect(states[3]).toMatchObject({ progress: 0.25, upload: null });
  expect(states.at(-1)).toMatchObject({ phase: "success", logs: [log, log], progress: null });
  expect(reduce(bars({ progress: 2 }), { type: "complete" }).map((state) => state.progress)).toEqual([null, 1, 1]);
});

test("a run that was lost takes its outputs with it, and leaves its messages", () => {
  const last = reduce(status(), log, data("a"), status({ attempt: 2 })).at(-1)!;
  expect(last).toMatchObject({ phase: "pending", data: undefined, logs: [log] });
});

test("many messages cost no more than they are, and the oldest are left out beyond 4 MiB", () => {
  const many = Array.from({ length: 100_000 }, (_, index): LogEvent => ({
    ...log,
    log: `${index} ${"x".repeat(100)}`,
  }));
  const last = many.reduce<JobState>((state, event) => nextJobState(state, event), initialJobState);
  const { logs } = last;
  expect(last.logs).toBe(logs);
  expect(logs.at(-1)).toBe(many.at(-1));
  const kept = logs.reduce((size, event) => size + event.log.length, 0);
  expect(kept).toBeLessThan(4 * 1_048_576);
  expect(kept).toBeGreaterThan(1_048_576);
  expect(logs).toEqual(many.slice(-logs.length));
});
