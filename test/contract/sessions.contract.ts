import { type ConnectionState, type MapItem, type StatusEvent } from "#sdk";
import { expect, test } from "vitest";
import { byName, holds } from "./differences.ts";
import { collect, connect, countRequests, errorOf, place, platform, until } from "./place.ts";

test("a client has one session, which keeps the app's state; resetSession starts a new one", async () => {
  const client = await connect();
  const before = client.sessionHash;
  expect(await client.predict("/counter", [2])).toBe(2);
  expect(await client.predict("/counter", [2])).toBe(4);
  const reset = client.resetSession();
  expect(client.sessionHash).not.toBe(before);
  expect(await client.predict("/counter", [1])).toBe(1);
  await reset;
});

test("calls made before resetSession end normally in the old session", async () => {
  const client = await connect();
  const job = client.submit("/generate", ["abcde", 0.05]);
  await until(() => job.outputs().length > 0);
  await client.resetSession();
  expect(await client.predict("/echo", ["new"])).toBe("new");
  expect(await job.result()).toBe("abcde");
  expect(job.outputs()).toHaveLength(5);
});

test("withOptions changes defaults; session and close are shared", async () => {
  const client = await connect();
  const hasty = client.withOptions({ timeout: 800 });
  expect(hasty.sessionHash).toBe(client.sessionHash);
  expect(await errorOf(hasty.predict("/slow", [5]))).toMatchObject({ kind: "call" });
  expect(await hasty.predict("/echo", ["x"], { timeout: undefined })).toBe("x");
  expect(await hasty.predict("/slow", [0.3], { timeout: 10_000 })).toBe(0.3);
  await hasty.predict("/counter", [1]);
  expect(await client.predict("/counter", [1])).toBe(2);
  expect(() => client.withOptions({ tiemout: 1 } as object)).toThrow('Did you mean "timeout"?');
  await hasty.close();
  expect(await errorOf(client.predict("/echo", ["x"]))).toMatchObject({ code: "cancelled" });
});

test("map yields the result or error of every input with its index, with at most `concurrency` calls at once", async () => {
  const client = await connect();
  let running = 0;
  let most = 0;
  const onStatus = ({ stage, success }: StatusEvent): void => {
    if (stage === "starting") running++;
    if (success !== null) running--;
    most = Math.max(most, running);
  };
  const items = await collect(
    client.map<string>("/echo", [["a"], byName({ text: "b" }), [], ["c"]], { concurrency: 2, onStatus }),
  );
  expect(most).toBe(2);
  expect(running).toBe(0);
  const byIndex = items.toSorted((a, b) => a.index - b.index);
  expect(byIndex).toMatchObject([
    { index: 0, result: "a" },
    { index: 1, result: "b" },
    { index: 2 },
    { index: 3, result: "c" },
  ]);
  expect(byIndex[2]!.error).toMatchObject({ code: "input" });
});

test("map reads only as many inputs as needed, and starts when it is iterated", async () => {
  const client = await connect();
  let read = 0;
  async function* inputs() {
    for (;;) yield [`input ${read++}`];
  }
  const outcomes = client.map("/echo", inputs(), { concurrency: 3 });
  expect(read).toBe(0);
  const seen: MapItem<unknown>[] = [];
  for await (const item of outcomes) {
    seen.push(item);
    expect(read).toBeLessThanOrEqual(seen.length + 3);
    if (seen.length === 5) break;
  }
  expect(seen).toHaveLength(5);
});

test("leaving map's loop early cancels its calls; so does its signal, whose reason the loop throws", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const endless = () => [
    [`${key} a`, 300, 0.02],
    [`${key} b`, 300, 0.02],
    [`${key} quick`, 1, 0],
  ];
  for await (const { index } of client.map("/watched", endless(), { concurrency: 3 })) {
    expect(index).toBe(2);
    break;
  }
  const stopped = async (name: string) => (await client.predict<{ stopped: number }>("/record", [name])).stopped;
  await until(async () => (await stopped(`${key} a`)) === 1 && (await stopped(`${key} b`)) === 1);
  const abort = new AbortController();
  const reason = new Error("enough");
  const loop = errorOf(collect(client.map("/watched", [[`${key} c`, 300, 0.02]], { signal: abort.signal })));
  await until(async () => (await client.predict<{ started: number }>("/record", [`${key} c`])).started === 1);
  abort.abort(reason);
  expect(await loop).toBe(reason);
  await until(async () => (await stopped(`${key} c`)) === 1);
});

test.each([{ concurrency: 0 }, { concurrency: -1 }, { concurrency: 1.5 }, { concurency: 2 }])(
  "map rejects %j",
  async (options) => {
    const client = await connect();
    expect(await errorOf(collect(client.map("/echo", [["x"]], options as object)))).toMatchObject({ code: "input" });
  },
);

test("200 jobs at once with 100 outputs each: all outputs once and in order, one event stream, and one join per job", async () => {
  const run = crypto.randomUUID();
  const name = place === "embedded" ? `crowd ${platform}` : "main";
  const client = await connect({ headers: { "x-run": run } }, name);
  const jobs = Array.from({ length: 200 }, (_, index) => client.submit<string>("/burst", [`job ${index}`, 100]));
  await Promise.all(jobs.map((job) => job.result()));
  jobs.forEach((job, index) => {
    expect(job.outputs()).toEqual(Array.from({ length: 100 }, (_, step) => `job ${index} step ${step}`));
  });
  // WebSockets are not counted as requests, and have no ids.
  const sockets = holds("calls use WebSockets, bypass fetch and logger, and have no ids");
  const apart = holds("every call has a connection of its own");
  const [join, listen] = apart ? ["GET", "POST"] : ["POST", "GET"];
  expect(new Set(jobs.map((job) => job.id)).size).toBe(sockets ? 1 : 200);
  expect(await countRequests(name, run, join, "/queue/join")).toBe(sockets ? 0 : 200);
  expect(await countRequests(name, run, listen, "/queue/data")).toBe(sockets ? 0 : apart ? 200 : 1);
}, 120_000);

test("the event stream is opened on demand and closed when no job is left, repeatedly", async () => {
  const client = await connect();
  const states: ConnectionState[] = [];
  client.connection$.subscribe((state) => states.push(state));
  expect(states).toEqual(["idle"]);
  for (const round of [1, 2]) {
    await client.predict("/echo", [`round ${round}`]);
    await until(() => states.at(-1) === "idle");
  }
  expect(states).toEqual(["idle", "connecting", "open", "idle", "connecting", "open", "idle"]);
  await client.close();
  expect(states.at(-1)).toBe("closed");
  const late: (ConnectionState | "done")[] = [];
  client.connection$.subscribe({ next: (state) => late.push(state), complete: () => late.push("done") });
  expect(late).toEqual(["closed", "done"]);
});

test("a call that is made when the stream closes is answered", async () => {
  const client = await connect();
  for (let round = 0; round < 40; round++) expect(await client.predict("/echo", [`${round}`])).toBe(`${round}`);
  const pairs = Array.from({ length: 10 }, async (_, index) => {
    for (let round = 0; round < 5; round++)
      expect(await client.predict("/echo", [`${index} ${round}`])).toBe(`${index} ${round}`);
  });
  await Promise.all(pairs);
  // The client reports "idle" while it closes the stream: these calls are made at that very moment.
  const answers: Promise<unknown>[] = [];
  let wasOpen = false;
  client.connection$.subscribe((state) => {
    if (state === "idle" && wasOpen && answers.length < 5)
      answers.push(client.predict("/echo", [`answer ${answers.length}`]));
    wasOpen = state === "open";
  });
  await client.predict("/echo", ["first"]);
  await until(() => answers.length === 5);
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4].map((index) => `answer ${index}`));
});

test("an app that requires a heartbeat gets one for each session", async () => {
  const run = crypto.randomUUID();
  const client = await connect({ headers: { "x-run": run } });
  if (holds("the app requires no heartbeat")) {
    expect(client.config["connect_heartbeat"]).toBeUndefined();
    return;
  }
  expect(client.config["connect_heartbeat"]).toBe(true);
  const path = `/heartbeat/${client.sessionHash}`;
  await client.predict("/counter", [1]);
  await client.predict("/counter", [1]);
  await until(async () => (await countRequests("main", run, "GET", path)) === 1);
});

test("closing the client ends map's loop; its signal cancels at once, whatever the loop is doing; leaving the loop does not wait", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  async function* hanging() {
    yield [`${key} a`, 300, 0.02];
    await new Promise(() => undefined);
  }
  const abort = new AbortController();
  const loop = client.map("/watched", hanging(), { signal: abort.signal })[Symbol.asyncIterator]();
  const first = errorOf(loop.next());
  const record = () => client.predict<{ started: number; stopped: number }>("/record", [`${key} a`]);
  await until(async () => (await record()).started === 1);
  abort.abort(new Error("enough"));
  expect((await first).message).toBe("enough");
  await until(async () => (await record()).stopped === 1);

  const left = client.map("/watched", hanging())[Symbol.asyncIterator]();
  const pending = left.next();
  expect(await left.return!()).toEqual({ done: true, value: undefined });
  expect(await pending).toEqual({ done: true, value: undefined });

  const open = errorOf(collect(client.map("/watched", hanging())));
  await client.close();
  expect(await open).toMatchObject({ code: "cancelled" });
});

test("a second client on a session that is in use is refused, and the first one goes on; a closed client frees its session", async () => {
  const first = await connect();
  const sessionHash = first.sessionHash;
  const error = await errorOf(connect({ sessionHash }));
  expect(error).toMatchObject({ name: "InputError", parameter: "sessionHash" });
  expect(await first.predict("/echo", ["first"])).toBe("first");
  await first.close();
  const second = await connect({ sessionHash });
  expect(await second.predict("/echo", ["second"])).toBe("second");
});

test("refresh() reads configuration and description anew, and calls that run are not affected", async () => {
  const client = await connect();
  const { config, endpoints } = client;
  const job = client.submit("/generate", ["abcdef", 0.05]);
  await client.refresh();
  expect(client.config).not.toBe(config);
  expect(client.config["app_id"]).toBe(config["app_id"]);
  expect(client.endpoints).toEqual(endpoints);
  expect(await job.result()).toBe("abcdef");
  expect(await client.predict("/echo", ["after"])).toBe("after");
});
