import { Observable } from "rxjs";
import { expect, onTestFinished, test, vi } from "vitest";
import type { CallEvent } from "../call/messages.ts";
import { Job } from "../call/job.ts";
import { startingEvent } from "../call/status.ts";
import {
  AppError,
  AuthenticationError,
  CancelledError,
  ConnectionError,
  FileTooLargeError,
  ProtocolError,
  QuotaError,
  RateLimitError,
  ValidationError,
} from "../errors.ts";
import type { DataEvent, JobEvent, StatusEvent } from "../events.ts";
import { endOf } from "../protocol/protocol.ts";
import { eventStreamResponse } from "./response.ts";

const named = { endpoint: "/write", fnIndex: 3 };
const status = (patch: Partial<StatusEvent>): StatusEvent => ({ ...startingEvent(named), eventId: "e1", ...patch });
const data = <T>(value: T, patch: Partial<DataEvent<T>> = {}): CallEvent<T> => ({
  type: "output",
  edits: null,
  event: {
    type: "data",
    ...named,
    eventId: "e1",
    time: new Date(5),
    data: value,
    outputs: [value],
    final: false,
    changed: null,
    ...patch,
  },
});
const result = <T>(value: T): CallEvent<T> => ({
  type: "result",
  data: value,
  figures: { usedCache: null, cacheDuration: null, averageDuration: null },
});
const complete = status({ stage: "complete", success: true, msg: "Complete", usedCache: "full" });

/** A job that emits events, then ends by itself, with an error, or not at all. */
function jobOf<T>(events: readonly CallEvent<T>[], ending: "complete" | "open" | Error = "complete") {
  const end = new AbortController();
  const events$ = new Observable<CallEvent<T>>((subscriber) => {
    for (const event of events) subscriber.next(event);
    if (ending === "complete") subscriber.complete();
    else if (ending !== "open") subscriber.error(ending);
    end.signal.addEventListener("abort", () => {
      subscriber.next(status({ stage: "cancelled", success: false }));
      subscriber.error(endOf(end.signal)?.error);
    });
  });
  return new Job<T>({ events$, options: {}, input: null, end, onEnd: () => undefined });
}

async function eventsOf<T>(job: Job<T>): Promise<JobEvent<T>[]> {
  const events: JobEvent<T>[] = [];
  try {
    for await (const event of job) events.push(event);
  } catch {
    // The error comes through the result.
  }
  return events;
}

test("a relayed job has the events, outputs and result of the job, with its dates", async () => {
  const log: CallEvent = {
    type: "log",
    ...named,
    eventId: "e1",
    time: new Date(7),
    level: "info",
    log: "hello",
    title: null,
    duration: 1_000,
    visible: true,
  };
  const job = jobOf([
    status({ stage: "starting" }),
    status({ stage: "generating", time: new Date(3) }),
    log,
    data({ text: "a" }),
    data({ text: "ab" }, { changed: [{ output: 0, path: ["text"] }] }),
    complete,
    result({ text: "ab" }),
  ]);
  const relayed = Job.fromResponse(eventStreamResponse(job));
  expect([relayed.endpoint, relayed.fnIndex, relayed.status().stage]).toEqual(["", -1, "starting"]);
  const events = await eventsOf(relayed);
  expect([relayed.endpoint, relayed.fnIndex, relayed.id]).toEqual(["/write", 3, "e1"]);
  expect(events.map((event) => event.type)).toEqual(["status", "status", "status", "log", "data", "data", "status"]);
  const original = await eventsOf(job);
  // The job has a status of its own before the answer has come.
  expect(events.slice(1, -1)).toEqual(original.slice(0, -1));
  expect(events.at(-1)).toMatchObject({ stage: "complete", success: true, usedCache: "full", endpoint: "/write" });
  expect(await relayed.result()).toEqual({ text: "ab" });
  expect(relayed.snapshot).toMatchObject({ phase: "success", data: { text: "ab" } });
  // A reader that comes late.
  expect((await eventsOf(relayed)).filter(({ type }) => type === "data")).toEqual(
    original.filter(({ type }) => type === "data"),
  );
});

test("a reader that comes late gets the app's changed parts, also where the relay sent other edits", async () => {
  const whole = [{ output: 0, path: [] }];
  const job = jobOf([
    status({}),
    data({ a: 1, b: 1 }),
    data({ a: 2, b: 1 }, { changed: whole }),
    data({ a: 3, b: 1 }),
    complete,
    result({ a: 3, b: 1 }),
  ]);
  const relayed = Job.fromResponse(eventStreamResponse(job));
  const places = async (): Promise<unknown[]> =>
    (await eventsOf(relayed)).flatMap((event) => (event.type === "data" ? [event.changed] : []));
  const live = places();
  await relayed.result();
  expect(await live).toEqual([null, whole, null]);
  expect(await places()).toEqual([null, whole, null]);
});

test("growing text costs what was added, also deep inside of a chat", async () => {
  const texts = Array.from({ length: 200 }, (_, step) => "word ".repeat(step + 1));
  const history = texts.map((content) => [
    { role: "user", content: "hi" },
    { role: "assistant", content },
  ]);
  for (const outputs of [texts, history] as unknown[][]) {
    const path = outputs === texts ? [] : [1, "content"];
    const events = outputs.map((output, step) => data(output, step === 0 ? {} : { changed: [{ output: 0, path }] }));
    const job = jobOf([status({}), ...events, complete, result(outputs.at(-1))]);
    const body = await eventStreamResponse(job).text();
    expect(body.length).toBeLessThan(200 * 100 + 5_000);
    const relayed = Job.fromResponse(eventStreamResponse(job));
    await relayed.result();
    expect(relayed.outputs()).toEqual(outputs);
    const places = (await eventsOf(relayed)).flatMap((event) => (event.type === "data" ? [event.changed] : []));
    expect(places.slice(1).every((one) => JSON.stringify(one) === JSON.stringify([{ output: 0, path }]))).toBe(true);
  }
});

test.each([
  ["a shorter list", [1, 2, 3], [1]],
  ["a key that is gone", { a: 1, b: 2 }, { a: 1 }],
  ["a key that has come", { a: 1 }, { a: 1, b: [2] }],
  ["another type", "text", { text: "text" }],
  ["many changes", Array.from({ length: 100 }, () => 0), Array.from({ length: 100 }, () => 1)],
  ["a half of a surrogate pair", "a\ud83d", "a😀"],
  ["keys like those of objects", { a: 1 }, JSON.parse('{"a":1,"__proto__":2}')],
])("an output with %s arrives as it is", async (_, before, after) => {
  const job = jobOf<unknown>([data(before), data(after), complete, result(after)]);
  const relayed = Job.fromResponse(eventStreamResponse(job));
  await relayed.result();
  expect(relayed.outputs()).toEqual([before, after]);
});

test("bigints arrive as they are, and keys that look like theirs too", async () => {
  const value = { big: 12345678901234567890n, odd: { "~bigint": "1" }, "~key": "~" };
  const job = jobOf([data(value), complete, result(value)]);
  const relayed = Job.fromResponse(eventStreamResponse(job));
  expect(await relayed.result()).toEqual(value);
  expect(relayed.outputs()).toEqual([value]);
});

test("no path of this machine leaves it", async () => {
  const file = (localPath: string) => ({ path: "/tmp/a.txt", url: "http://app/file=/tmp/a.txt", localPath });
  const job = jobOf([data([file("/home/me/1")]), data([file("/home/me/2")]), complete, result([file("/home/me/2")])]);
  const body = await eventStreamResponse(job).text();
  expect(body).toContain("http://app/file=/tmp/a.txt");
  expect(body).not.toContain("/home/me");
  expect(body).not.toContain("localPath");
});

test.each([
  new AppError("no luck", { title: "Sorry", duration: 5_000, endpoint: "/write", eventId: "e1" }),
  new QuotaError("used up", { retryAfter: 7 }),
  new ConnectionError("lost", { accepted: true, cause: new Error("reset") }),
])("an error keeps its class and its fields: $name", async (sent) => {
  const job = jobOf([status({ stage: "error", success: false })], sent);
  const relayed = Job.fromResponse(eventStreamResponse(job));
  const caught = await relayed.result().catch((thrown: unknown) => thrown);
  expect(caught).toBeInstanceOf(sent.constructor);
  const { eventId: _, endpoint: _endpoint, ...fields } = sent;
  expect(caught).toMatchObject(fields);
  expect(caught).toHaveProperty("message", sent.message);
  expect(relayed.status()).toMatchObject({ stage: "error", success: false });
});

test("a job that was cancelled there, by a signal with any reason, is cancelled here", async () => {
  const job = jobOf([status({ stage: "cancelled", success: false })], new DOMException("gone", "AbortError"));
  const relayed = Job.fromResponse(eventStreamResponse(job));
  await expect(relayed.result()).rejects.toBeInstanceOf(CancelledError);
  expect(relayed.snapshot).toMatchObject({ phase: "cancelled", error: null });
});

test("cancel ends the job behind the relay", async () => {
  const job = jobOf([status({}), data("a")], "open");
  const relayed = Job.fromResponse(eventStreamResponse(job));
  await new Promise<void>((resolve) => relayed.on("data", () => resolve()));
  expect(await relayed.cancel()).toBe(true);
  await expect(job.result()).rejects.toBeInstanceOf(CancelledError);
  await expect(relayed.result()).rejects.toBeInstanceOf(CancelledError);
});

test("cancel before the answer has come ends the job as soon as it comes", async () => {
  const job = jobOf([status({})], "open");
  let answer!: (response: Response) => void;
  const relayed = Job.fromResponse(new Promise<Response>((resolve) => (answer = resolve)));
  await relayed.cancel();
  answer(eventStreamResponse(job));
  await expect(job.result()).rejects.toBeInstanceOf(CancelledError);
});

test("a stream that is cancelled cancels its job, unless it is detached", async () => {
  const [attached, detached] = [jobOf([status({})], "open"), jobOf([status({})], "open")];
  for (const [job, detach] of [
    [attached, false],
    [detached, true],
  ] as const) {
    const reader = job.toReadableStream({ detach }).getReader();
    await reader.read();
    await reader.cancel();
  }
  expect([attached.done, detached.done]).toEqual([true, false]);
  await detached.cancel();
});

test("an answer that breaks off is a ConnectionError: the call was accepted", async () => {
  const text = await eventStreamResponse(jobOf([status({}), data("a"), complete, result("a")])).text();
  const cut = text.split("\n\n").slice(0, 3).join("\n\n") + "\n\n";
  const answer = new Response(cut, { headers: { "content-type": "text/event-stream" } });
  const error = await Job.fromResponse(answer)
    .result()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ accepted: true });
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new TypeError("network error")),
  });
  const other = Job.fromResponse(new Response(broken, { headers: { "content-type": "text/event-stream" } }));
  await expect(other.result()).rejects.toMatchObject({ code: "connection", accepted: true });
});

test.each([
  [401, AuthenticationError],
  [403, AuthenticationError],
  [413, FileTooLargeError],
  [422, ValidationError],
  [429, RateLimitError],
  [502, ConnectionError],
])("a refusal with status %i is a %o", async (code, Class) => {
  const job = Job.fromResponse(Response.json({ detail: "not today" }, { status: code }));
  const error = await job.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Class);
  expect(error).toMatchObject({ status: code, message: expect.stringContaining("not today") });
});

test.each([
  ["another type", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ["other messages", () => new Response("data: {}\n\n", { headers: { "content-type": "text/event-stream" } })],
])("an answer of %s is a ProtocolError", async (_, answer) => {
  await expect(Job.fromResponse(answer()).result()).rejects.toBeInstanceOf(ProtocolError);
});

test("a request that fails is a ConnectionError, and nothing is reported as unhandled", async () => {
  const job = Job.fromResponse(Promise.reject(new TypeError("fetch failed")));
  await expect(job.result()).rejects.toBeInstanceOf(ConnectionError);
});

test("the answer's headers keep proxies from changing it; those of the caller come first", () => {
  const { headers, status: code } = eventStreamResponse(jobOf([complete]), {
    status: 201,
    headers: { "x-mine": "1", "cache-control": "no-store" },
  });
  expect(code).toBe(201);
  expect(headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(headers.get("x-accel-buffering")).toBe("no");
  expect([headers.get("x-mine"), headers.get("cache-control")]).toEqual(["1", "no-store"]);
  expect(eventStreamResponse(jobOf([complete])).headers.get("cache-control")).toContain("no-transform");
});

test("silence is broken by a comment each 15 s", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const job = jobOf([status({})], "open");
  const reader = job.toReadableStream().getReader();
  const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  await next();
  await next();
  for (let comment = 0; comment < 2; comment++) {
    const read = next();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await read).toBe(":\n\n");
  }
  await reader.cancel();
});
