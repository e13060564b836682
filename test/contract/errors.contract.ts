import {
  AppError,
  CancelledError,
  Client,
  ConnectionError,
  GradioError,
  InputError,
  QueueFullError,
  TimeoutError,
  UploadError,
  FileTooLargeError,
} from "#sdk";
import { lastValueFrom } from "rxjs";
import { expect, onTestFinished, test } from "vitest";
import { byName, holds, named } from "./differences.ts";
import { appUrl, collect, connect, errorOf, killApp, platform, until } from "./place.ts";

test("an error of the app arrives as the app sent it", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/fail_fully", ["no <b>way</b>"]));
  expect(error).toBeInstanceOf(AppError);
  expect(error).toBeInstanceOf(GradioError);
  expect(error).not.toBeInstanceOf(InputError);
  expect(error).toMatchObject({
    name: "AppError",
    code: "app",
    message: "no <b>way</b>",
    title: holds("logs and errors have no title") ? null : "Title",
    duration: holds("logs and errors have neither duration nor visibility") ? null : 3_000,
    visible: true,
    endpoint: "/fail_fully",
  });
});

test("an error that the app hides says so, and its message is not 'null'", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/crash", ["secret"]));
  expect(error).toBeInstanceOf(AppError);
  expect(error.message).toContain("show_error");
  expect(error.message).not.toMatch(/null|secret/);
});

test("an app that shows its errors sends their messages", async () => {
  const client = await connect({}, "odd");
  expect(await errorOf(client.predict("/crash", ["told"]))).toMatchObject({ code: "app", message: "told" });
});

test("an error after some outputs keeps these outputs", async () => {
  const client = await connect();
  const job = client.submit("/fail_midway", [2]);
  expect(await errorOf(job.result())).toMatchObject({ code: "app", message: "midway" });
  expect(job.outputs()).toEqual(["step 0", "step 1"]);
  expect(job.status()).toMatchObject({ stage: "error", success: false, msg: "midway" });
});

test("an endpoint outside the queue fails like all others", async () => {
  const client = await connect();
  expect(await errorOf(client.predict("/direct_fail", ["direct"]))).toMatchObject({ code: "app", message: "direct" });
});

test("promise, iterators, Observables and callbacks report the same error once, right after the terminal status", async () => {
  const client = await connect();
  const reported: unknown[] = [];
  const job = client.submit("/fail", ["no"], { onError: (error) => reported.push(error) });
  job.on("error", (error) => reported.push(error));
  const error = await errorOf(job.result());
  expect(await errorOf(collect(job))).toBe(error);
  expect(await errorOf(collect(job.values()))).toBe(error);
  expect(await errorOf(lastValueFrom(job.events$))).toBe(error);
  expect(reported).toEqual([error, error]);
  const seen: string[] = [];
  job.events$.subscribe({
    next: (event) => event.type === "status" && seen.push(event.stage),
    error: () => seen.push("end"),
  });
  expect(seen.slice(-2)).toEqual(["error", "end"]);
  expect(seen.filter((stage) => stage === "error")).toHaveLength(1);
});

test("a failed job without readers causes no unhandled rejection", async () => {
  const client = await connect();
  const job = client.submit("/fail", ["unheard"]);
  client.submit("/echo", []);
  void job.result();
  await until(() => job.done);
  // An unhandled rejection would fail the whole run.
  expect(await client.predict("/echo", ["x"])).toBe("x");
});

test("a call that takes longer than its timeout fails, and is stopped on the server", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const job = client.submit("/watched", [key, 200, 0.05], { timeout: 400 });
  const error = await errorOf(job.result());
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ kind: "call", endpoint: "/watched", eventId: job.id });
  expect(job.status().stage).toBe("error");
  await until(async () => (await client.predict<{ stopped: number }>("/record", [key])).stopped === 1);
});

test("a call that does not start in time fails, and never runs", async () => {
  const client = await connect(
    {},
    holds("functions have no limit of their own, the app has one for all") ? "narrow" : "main",
  );
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const late = holds("a call that is cancelled in the queue may still start");
  // Another call keeps the stream open: old servers differ in what they do when the last call of a stream ends.
  const beside = client.submit(late ? "/infinite" : "/echo", [0.1]);
  const before = client.submit("/watched_one", [first, 20, 0.05]);
  await until(() => before.status().stage === "generating");
  const error = await errorOf(client.predict("/watched_one", [second, 100, 0.05], { startTimeout: 150 }));
  expect(error).toMatchObject({ code: "timeout", kind: "start" });
  expect(await before.result()).toBe(19);
  expect(await client.predict("/watched_one", [first, 1, 0], { startTimeout: 20_000 })).toBe(0);
  const record = await client.predict<{ started: number }>("/record", [second]);
  if (late) expect(record.started).toBeLessThanOrEqual(1);
  else expect(record).toEqual({ started: 0, finished: 0, stopped: 0 });
  await beside.cancel();
});

test("silence on the event stream longer than idleTimeout fails the call", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/slow", [5], { idleTimeout: 200 }));
  expect(error).toMatchObject({ code: "timeout", kind: "idle" });
  expect(await client.predict("/slow", [0.2], { idleTimeout: 5_000 })).toBe(0.2);
});

test("a full queue is a QueueFullError, and the client still works", async () => {
  const client = await connect({}, "odd");
  const key = crypto.randomUUID();
  const jobs = Array.from({ length: 6 }, () => client.submit("/watched_one", [key, 6, 0.05]));
  const outcomes = await Promise.allSettled(jobs.map((job) => job.result()));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason as Error);
  expect(refused.length).toBeGreaterThanOrEqual(1);
  for (const error of refused) {
    expect(error).toBeInstanceOf(QueueFullError);
    const status = holds("every call has a connection of its own") ? undefined : 503;
    expect(error).toMatchObject({ code: "queue_full", status, endpoint: "/watched_one" });
    expect(error.message).toMatch(/queue is full/i);
  }
  expect(outcomes.some((outcome) => outcome.status === "fulfilled")).toBe(true);
  expect(await client.predict("/echo", ["on"])).toBe("on");
});

test("a file that is too large is rejected before it is sent, and nothing is submitted", async () => {
  const paths: string[] = [];
  const client = await connect(
    {
      fetch: (request) => {
        paths.push(new URL(request.url).pathname);
        return fetch(request);
      },
    },
    "odd",
  );
  const large = new File([new Uint8Array(2_000)], "large.bin");
  if (holds("files can have any size")) {
    expect(await client.predict("/file_info", [large])).toMatchObject({ name: "large.bin", size: 2_000 });
    return;
  }
  const error = await errorOf(client.predict("/file_info", [large]));
  expect(error).toBeInstanceOf(FileTooLargeError);
  expect(error.message).toContain("large.bin");
  expect(paths.filter((path) => /upload|join/.test(path))).toEqual([]);
});

test("a failed upload is an UploadError that names the parameter, and nothing is submitted", async () => {
  const paths: string[] = [];
  const client = await connect({
    fetch: async (request) => {
      paths.push(new URL(request.url).pathname);
      return request.url.endsWith("/upload") ? new Response("broken", { status: 500 }) : await fetch(request);
    },
  });
  const error = await errorOf(client.predict("/file_info", byName({ file: new Blob(["x"]) })));
  expect(error).toBeInstanceOf(UploadError);
  expect(error.message).toContain(named ? "for file" : "for 0");
  expect(error.cause).toBeInstanceOf(ConnectionError);
  expect(paths.some((path) => path.endsWith("/queue/join"))).toBe(false);
});

test("errors are serialized to JSON without secrets", async () => {
  const client = await connect({ token: "hf_verysecret", headers: { "x-key": "alsosecret" } });
  const error = await errorOf(client.predict("/fail", ["no"]));
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    name: "AppError",
    code: "app",
    message: "no",
    endpoint: "/fail",
  });
  const refused = await errorOf(Client.connect("http://127.0.0.1:9", { token: "hf_verysecret", retry: { limit: 0 } }));
  const words = [error, refused].map((one) => JSON.stringify(one) + String(one.stack) + String(one.cause)).join();
  expect(words).not.toMatch(/verysecret|alsosecret/);
});

test("a server that dies fails its jobs at once; started again on the same address, the same client works", async () => {
  const name = `mortal ${platform}`;
  const client = await Client.connect(await appUrl(name));
  onTestFinished(() => client.close());
  const jobs = [client.submit("/infinite", [0.02]), client.submit("/slow", [60])];
  await until(() => jobs[0]!.status().stage === "generating" && jobs[1]!.status().stage === "processing");
  await killApp(name);
  for (const job of jobs) {
    const error = await errorOf(job.result({ timeout: 5_000 }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "connection", accepted: true });
  }
  expect(await errorOf(client.predict("/echo", ["no server"]))).toBeInstanceOf(ConnectionError);
  await appUrl(name);
  expect(await client.predict("/echo", ["again"])).toBe("again");
  expect(await client.submit("/generate", ["ab", 0.01]).result()).toBe("ab");
});

test("a stream that is closed while jobs are open fails them at once, and the next call works", async () => {
  const cuts: (() => void)[] = [];
  let over = false;
  const client = await connect({
    fetch: async (request) => {
      const response = await fetch(request);
      const streams = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
      if (!request.url.includes("/queue/") || !streams || over || response.body === null) return response;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const reader = response.body.getReader();
      const pump = async () => {
        for (let part = await reader.read(); !part.done; part = await reader.read()) await writer.write(part.value);
      };
      pump().catch(() => undefined);
      cuts.push(() => {
        void writer.close();
        void reader.cancel();
      });
      return new Response(readable, { headers: response.headers });
    },
  });
  const jobs = [client.submit("/infinite", [0.02]), client.submit("/slow", [30])];
  await until(() => jobs[0]!.outputs().length > 2 && jobs[1]!.status().stage === "processing");
  over = true;
  if (holds("calls use WebSockets, bypass fetch and logger, and have no ids")) {
    expect(cuts).toEqual([]);
    await client.close();
    return;
  }
  expect(cuts).toHaveLength(holds("every call has a connection of its own") ? jobs.length : 1);
  for (const cut of cuts) cut();
  for (const job of jobs) {
    expect(await errorOf(job.result({ timeout: 2_000 }))).toMatchObject({ code: "connection", accepted: true });
    expect(job.status().stage).toBe("error");
  }
  expect(jobs[0]!.outputs().length).toBeGreaterThan(2);
  expect(await client.predict("/echo", ["next"])).toBe("next");
});

test("close() ends running calls with CancelledError at once, and later calls fail with it through promise, job and Observable", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const job = client.submit("/watched", [key, 200, 0.05]);
  await until(() => job.status().stage === "generating");
  const closed = client.close();
  expect(job.done).toBe(true);
  expect(await errorOf(job.result())).toBeInstanceOf(CancelledError);
  await closed;
  await client.close();
  expect(await errorOf(client.predict("/echo", ["late"]))).toBeInstanceOf(CancelledError);
  expect(client.submit("/echo", ["late"]).status().stage).toBe("cancelled");
  const other = await connect();
  await until(async () => (await other.predict<{ stopped: number }>("/record", [key])).stopped === 1);
});
