import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  ConnectionError,
  GradioError,
  ProtocolError,
  RateLimitError,
  TimeoutError,
  ValidationError,
} from "../errors.ts";
import type { Transport, TransportRequest, TransportResponse } from "../transport.ts";
import { Http, type HttpSettings, type PlainRequest } from "./request.ts";
import { RetryBudget } from "./retry.ts";
import { Secrets } from "./secrets.ts";

/** A delay that the fake clock skips. */
const LONG = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Step = (request: TransportRequest) => TransportResponse | Promise<TransportResponse>;

/** A client's requests over a transport that answers by a script; its last step is repeated. */
function client(script: readonly Step[], more: Partial<HttpSettings> = {}) {
  const sent: { method: string; url: string; body: unknown; at: number }[] = [];
  const transport: Transport = {
    send: async (request) => {
      const { url, body } = request;
      sent.push({ method: body === undefined ? "GET" : "POST", url, body, at: Date.now() });
      return await script[Math.min(sent.length, script.length) - 1]!(request);
    },
    upload: async (form) => await transport.send({ ...form, url: form.url.href, body: "files" }),
  };
  const http = new Http({
    transport,
    base: new URL("http://app.test/sub/"),
    credentials: { token: "hf_secretsecret", headers: { "x-key": "KEY" } },
    timeout: 10_000,
    retry: { limit: 2, minDelay: 300, maxDelay: 8_000, budget: new RetryBudget() },
    secrets: new Secrets(),
    limits: { event: 1_000, body: 1_000, depth: 10, pendingMessages: 10, pendingBytes: 1_000_000, logs: 1_000_000 },
    closed: new AbortController().signal,
    ...more,
  });
  return { http, sent, delays: () => sent.slice(1).map(({ at }, index) => at - sent[index]!.at) };
}

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Step =>
  () =>
    new Response(JSON.stringify(value), { status, headers });
const text =
  (body: string, status = 200): Step =>
  () =>
    new Response(body, { status });
/** An answer with a status that a web Response cannot have. */
const odd =
  (status: number, body = ""): Step =>
  () => ({ status, url: "", headers: new Headers(), body: new Response(body).body });
const fails =
  (error: Error = new TypeError("fetch failed")): Step =>
  () => {
    throw error;
  };
const refused = fails(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" }));
const silent: Step = () => new Promise(() => undefined);
const silentBody: Step = () => new Response(new ReadableStream());
/** A body that breaks off after some bytes. */
const broken: Step = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
        controller.error(new TypeError("terminated"));
      },
    }),
  );

/** The value or error of a promise, after the timers that it waits for. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  let outcome: { value: unknown } | undefined;
  promise.then(
    (value) => (outcome = { value }),
    (value: unknown) => (outcome = { value }),
  );
  // ky is loaded with the first request, which takes no fake time.
  for (let turn = 0; !outcome && turn < 200; turn++) {
    await vi.advanceTimersByTimeAsync(LONG / 100);
    await vi.dynamicImportSettled();
  }
  return outcome?.value;
}

const get: PlainRequest = { path: "config", idempotent: true };
const join: PlainRequest = { path: "queue/join", json: { data: [1] } };

test("an answer is parsed; text that is not JSON is returned as it is", async () => {
  const { http, sent } = client([json({ a: 1 }), text("<html>")]);
  expect(await settled(http.send(join))).toEqual({
    url: "http://app.test/sub/queue/join",
    body: { a: 1 },
    isJson: true,
  });
  expect(await settled(http.send(get))).toMatchObject({ body: "<html>", isJson: false });
  expect(sent).toMatchObject([
    { method: "POST", url: "http://app.test/sub/queue/join", body: '{"data":[1]}' },
    { method: "GET", url: "http://app.test/sub/config" },
  ]);
});

const failures: [what: string, idempotent: number, join: number, step: Step][] = [
  ["a refused connection", 3, 3, refused],
  ["a reset before the answer", 3, 1, fails()],
  ["a body that breaks off", 3, 1, broken],
  ["no answer in time", 3, 1, silent],
  ["a body that does not end in time", 3, 1, silentBody],
  ["408", 3, 1, json({}, 408)],
  ["429", 3, 3, json({}, 429)],
  ["500", 3, 1, json({}, 500)],
  ["501", 1, 1, json({}, 501)],
  ["503", 3, 1, text("<html>busy", 503)],
  ["400", 1, 1, json({}, 400)],
  ["401", 1, 1, json({}, 401)],
  ["404", 1, 1, json({}, 404)],
  ["413", 1, 1, json({}, 413)],
  ["a status that no Response can have", 1, 1, odd(999)],
  ["a body that is too long", 1, 1, text("x".repeat(2_000))],
  ["JSON that is too deep", 1, 1, text("[".repeat(20) + "]".repeat(20))],
];

test.each(failures)("%s: an idempotent request is sent %i times, a submission %i times", async (...row) => {
  const [, repeats, submissions, step] = row;
  for (const [request, times] of [
    [get, repeats],
    [join, submissions],
  ] as const) {
    const { http, sent } = client([step]);
    expect(await settled(http.send(request))).toBeInstanceOf(GradioError);
    expect(sent).toHaveLength(times);
  }
});

test("a status that no Response can have, and a 204 with text, are answers like others", async () => {
  const { http } = client([odd(204, "text"), odd(299), odd(700)]);
  expect(await settled(http.send(join))).toMatchObject({ body: "text" });
  expect(await settled(http.send(join))).toMatchObject({ body: "" });
  expect(await settled(http.send(join))).toMatchObject({ status: 700 });
});

test("after a transient failure the next answer counts", async () => {
  const { http, sent } = client([fails(), json({}, 503), json({ a: 1 })]);
  expect(await settled(http.send(get))).toMatchObject({ body: { a: 1 } });
  expect(sent).toHaveLength(3);
});

test("an answer that looks cut off is requested once more; the same again is the answer", async () => {
  const { http, sent } = client([text('{"a": 1')]);
  expect(await settled(http.send(get))).toMatchObject({ body: '{"a": 1', isJson: false });
  expect(sent).toHaveLength(2);
  const other = client([text('{"a": 1')]);
  expect(await settled(other.http.send(join))).toMatchObject({ isJson: false });
  expect(other.sent).toHaveLength(1);
});

test("a server that asks to wait is waited for, whatever the status; one that asks for too long has failed", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  for (const status of [429, 503]) {
    const { http, delays } = client([json({}, status, { "retry-after": "4" }), json({})]);
    expect(await settled(http.send(get))).toMatchObject({ isJson: true });
    expect(delays()).toEqual([4_000]);
  }
  const long = client([json({}, 429, { "retry-after": "3600" })]);
  expect(await settled(long.http.send(get))).toMatchObject({ code: "rate_limit", retryAfter: 3_600_000 });
  expect(long.sent).toHaveLength(1);
  const short = client([json({}, 429, { "retry-after": "4" })]);
  expect(await settled(short.http.send({ ...join, maxRetryAfter: 3_000 }))).toBeInstanceOf(RateLimitError);
  expect(short.sent).toHaveLength(1);
});

test("Retry-After of 0 and headers of other conventions do not replace the back-off", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { http, delays } = client([json({}, 503, { "retry-after": "0", "ratelimit-reset": "9" }), json({})]);
  await settled(http.send(get));
  expect(delays()).toEqual([600]);
});

test("plain requests and streams take their retries from one budget", async () => {
  const { http, sent } = client([fails()]);
  const { signal } = new AbortController();
  for (let round = 0; round < 5; round++) {
    await settled(http.send(get));
    await settled(http.openFile(new URL("http://app.test/file"), { signal }));
  }
  expect(sent).toHaveLength(10 + 20);
  await settled(http.send(get));
  expect(sent).toHaveLength(31);
});

test("a request that takes too long fails with a TimeoutError without the query; Infinity and timed: false mean no limit", async () => {
  const late = client([silent]);
  const error = await settled(late.http.send({ ...join, path: "queue/join?hash=SESSION" }));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ kind: "request", message: expect.not.stringContaining("SESSION") as string });
  for (const [settings, request] of [
    [{ timeout: Infinity }, join],
    [{}, { ...join, timed: false }],
  ] as const) {
    const answer: Step = () => new Promise((resolve) => setTimeout(() => resolve(new Response("{}")), LONG));
    expect(await settled(client([answer], settings).http.send(request))).toMatchObject({ isJson: true });
  }
});

test("an abort ends a request with its reason in every phase, and leaves no timer", async () => {
  for (const [step, reason] of [
    [silent, "enough"],
    [silentBody, new Error("enough")],
    [json({}, 429, { "retry-after": "5" }), "enough"],
  ] as const) {
    const abort = new AbortController();
    const { http, sent } = client([step]);
    const outcome = http.send({ ...get, signal: abort.signal }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(1_000);
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    expect(sent).toHaveLength(1);
  }
  const { http, sent } = client([json({})]);
  await expect(http.send({ ...get, signal: AbortSignal.abort("before") })).rejects.toBe("before");
  expect(sent).toEqual([]);
});

test("the end of the client ends its requests, but not those that outlive it", async () => {
  const closed = new AbortController();
  closed.abort("closed");
  const { http, sent } = client([json({})], { closed: closed.signal });
  await expect(http.send(get)).rejects.toBe("closed");
  expect(await settled(http.send({ ...join, keepalive: true }))).toMatchObject({ isJson: true });
  expect(sent).toHaveLength(1);
});

test("a request that outlives its client is not repeated", async () => {
  const { http, sent } = client([refused]);
  await settled(http.send({ ...join, keepalive: true }));
  expect(sent).toHaveLength(1);
});

/** All objects that can be reached from an error by its properties, enumerable or not. */
function reachable(value: unknown, seen = new Set<object>()): Set<object> {
  if (typeof value !== "object" || value === null || seen.has(value)) return seen;
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) reachable(Reflect.get(value, key), seen);
  return seen;
}

test("no error holds a request, a token, or an error of ky", async () => {
  for (const step of [silent, silentBody, fails(), broken, json({}, 500), json({}, 429), text("x".repeat(2_000))]) {
    const { http } = client([step]);
    const error = await settled(http.send({ ...join, path: "queue/join?hash=SESSION" }));
    expect(error).toBeInstanceOf(GradioError);
    for (const one of reachable(error)) {
      expect(one instanceof Request || one instanceof Response || Reflect.has(one, "isKyError")).toBe(false);
      for (const part of Object.values(one)) expect(String(part)).not.toMatch(/hf_secret|KEY|SESSION/);
    }
  }
});

test("a rule of the request decides what a status means; a redirect may be the answer", async () => {
  const { http } = client([json({ detail: "no" }, 422)]);
  const own = new ValidationError("refused");
  const toError = vi.fn<NonNullable<PlainRequest["toError"]>>(() => own);
  expect(await settled(http.send({ ...join, toError }))).toBe(own);
  expect(toError).toHaveBeenCalledWith(expect.objectContaining({ status: 422, body: { detail: "no" }, isJson: true }));
  const login = client([() => new Response(null, { status: 302, headers: { location: "http://else.test/" } })]);
  expect(await settled(login.http.send({ ...join, redirect: "manual" }))).toMatchObject({ body: {} });
  expect(await settled(login.http.send(join))).toBeInstanceOf(ProtocolError);
  expect(login.sent).toHaveLength(2);
});

test("an event stream is requested uncompressed, and repeated only until an answer has arrived", async () => {
  const seen: TransportRequest[] = [];
  const note =
    (step: Step): Step =>
    (request) => {
      seen.push(request);
      return step(request);
    };
  const { http, delays } = client([note(fails()), note(json({}, 503)), note(text(""))]);
  const onRetry = vi.fn<(error: GradioError) => void>();
  const { signal } = new AbortController();
  await settled(http.open("queue/data", { signal, retry: { minDelay: 9_000, onRetry } }));
  expect(delays()).toEqual([9_000, 9_000]);
  expect(onRetry).toHaveBeenCalledTimes(2);
  for (const { headers } of seen)
    expect(headers).toMatchObject({ accept: "text/event-stream", "accept-encoding": "identity" });
  const once = client([fails()]);
  expect(await settled(once.http.open("queue/data", { signal }))).toBeInstanceOf(ConnectionError);
  expect(once.sent).toHaveLength(1);
});

test("an upload of Blobs is repeated, one of a stream is sent once", async () => {
  const { signal } = new AbortController();
  const onProgress = (): void => undefined;
  const blob = client([fails(), json(["/tmp/a"])]);
  const files = [{ name: "a", blob: new Blob(["x"]) }];
  expect(await settled(blob.http.upload("upload", files, { signal, onProgress }))).toMatchObject({ body: ["/tmp/a"] });
  const stream = client([fails(), json([])]);
  const once = [{ name: "a", stream: new ReadableStream<Uint8Array>(), type: "" }];
  expect(await settled(stream.http.upload("upload", once, { signal, onProgress }))).toBeInstanceOf(ConnectionError);
  const large = client([json({}, 413)]);
  expect(await settled(large.http.upload("upload", files, { signal, onProgress }))).toMatchObject({
    code: "file_too_large",
  });
  expect([blob.sent.length, stream.sent.length, large.sent.length]).toEqual([2, 1, 1]);
});

test("a file of another origin is requested without credentials", async () => {
  const seen: TransportRequest[] = [];
  const { http } = client([(request) => (seen.push(request), new Response(""))]);
  const { signal } = new AbortController();
  for (const address of ["http://app.test/file", "http://cdn.test/file"])
    await settled(http.openFile(new URL(address), { signal, headers: { range: "bytes=1-" } }));
  expect(seen.map(({ headers }) => headers)).toEqual([
    { accept: "*/*", authorization: "Bearer hf_secretsecret", "x-key": "KEY", range: "bytes=1-" },
    { accept: "*/*" },
  ]);
});

test("loading ky adds no round trip to a first request that may be repeated, and its limits are the same", async () => {
  vi.resetModules();
  const { Http: Fresh } = await import("./request.ts");
  const first = client([silent]);
  const outcome = new Fresh(first.http.settings).send(get).catch((error: unknown) => error);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(first.sent).toHaveLength(1);
  expect(await settled(outcome)).toMatchObject({ code: "timeout", kind: "request" });
  expect(first.sent).toHaveLength(3);
});
