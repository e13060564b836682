import { expect, test } from "vitest";
import { endless, gate, isGenerating, kinds } from "../spec/jobs.ts";
import { wire } from "../spec/wire.ts";
import type { App } from "./app.ts";
import type { AppOptions, CallContext, EndpointValue } from "./index.ts";
import { AppFailure, createApp, endpoint, number, serveApp, state, textbox } from "./index.ts";

type Make = (endpoints: Record<string, EndpointValue>, options?: AppOptions) => App | Promise<App>;

const forms: [string, Make][] = [
  ["in memory", createApp],
  ["over HTTP", serveApp],
];

test.for(forms)("a function's result arrives, and then the stream is closed (%s)", async ([, make]) => {
  const app = await make({ "/greet": (name: string) => `Hello ${name}` });
  const gradio = wire(app);
  const id = await gradio.join("greet", ["Ada"], "s");
  const stream = gradio.read("s");
  expect(await stream.ended).toBe("closed");
  expect(kinds(stream.messages)).toEqual(["estimation", "process_starts", "process_completed", "close_stream"]);
  expect(stream.messages[2]).toMatchObject({ event_id: id, success: true, output: { data: ["Hello Ada"] } });
  await app.close();
});

test.for(forms)(
  "a generator's first value is sent whole, later ones as edits, and the last one is repeated whole (%s)",
  async ([, make]) => {
    const app = await make({
      *"/words"() {
        yield "one";
        yield "one two";
      },
    });
    const gradio = wire(app);
    await gradio.join("words", [], "s");
    const stream = gradio.read("s");
    await stream.ended;
    const data = stream.messages.filter(({ output }) => output !== undefined).map(({ output }) => output?.data);
    expect(data).toEqual([["one"], [[["append", [], " two"]]], ["one two"]]);
    await app.close();
  },
);

test.for(forms)("the stream of an unknown session reports it and is aborted (%s)", async ([, make]) => {
  const app = await make({});
  const stream = wire(app).read("unknown");
  expect(await stream.ended).toBe("broken");
  expect(stream.messages).toMatchObject([{ msg: "unexpected_error", session_not_found: true }]);
  await app.close();
});

test.for(forms)(
  "a reader that disconnects stops its generator, and later streams of the session are not closed (%s)",
  async ([, make]) => {
    const app = await make({ endless, "/echo": (text: string) => text });
    const gradio = wire(app);
    await gradio.join("endless", [], "s");
    const first = gradio.read("s");
    await first.first(isGenerating);
    first.leave();
    expect(await first.ended).toBe("left");
    await expect.poll(() => app.running).toBe(0);

    const id = await gradio.join("echo", ["again"], "s");
    const second = gradio.read("s");
    await second.first(({ event_id, msg }) => event_id === id && msg === "process_completed");
    expect(kinds(second.messages)).not.toContain("close_stream");
    expect(app.openStreams).toBe(1);
    second.leave();
    await app.close();
  },
);

test.for(forms)("dropped streams are aborted, or closed without a last message (%s)", async ([, make]) => {
  const app = await make({ endless });
  const gradio = wire(app);
  for (const [clean, end] of [
    [false, "broken"],
    [true, "closed"],
  ] as const) {
    await gradio.join("endless", [], end);
    const stream = gradio.read(end);
    await stream.first(isGenerating);
    expect(app.dropStreams({ clean })).toBe(1);
    expect(await stream.ended).toBe(end);
    expect(kinds(stream.messages)).not.toContain("close_stream");
  }
  await app.close();
});

test("a session's state is kept by the server and never sent", async () => {
  const app = createApp({
    "/count": endpoint({
      inputs: [number("step"), state(0)],
      outputs: [number("sum"), state()],
      fn: (step: number, sum: number) => [sum + step, sum + step],
    }),
  });
  const gradio = wire(app);
  const results: unknown[] = [];
  for (const sessionHash of ["one", "one", "two"]) {
    await gradio.join("count", [2, 99], sessionHash);
    const stream = gradio.read(sessionHash);
    await stream.ended;
    results.push(stream.messages.at(-2)?.output?.data);
  }
  expect(results).toEqual([
    [2, null],
    [4, null],
    [2, null],
  ]);
});

test("only the message of an AppFailure is sent, unless the app shows errors", async () => {
  const endpoints = {
    "/told": () => {
      throw new AppFailure("too dark", { title: "Sorry", duration: null });
    },
    "/hidden": () => {
      throw new Error("secret");
    },
  };
  const outputs: unknown[] = [];
  for (const showError of [false, true]) {
    const gradio = wire(createApp(endpoints, { showError }));
    for (const name of ["told", "hidden"]) {
      await gradio.join(name, [], name);
      const stream = gradio.read(name);
      await stream.ended;
      outputs.push(stream.messages.at(-2)?.output);
    }
  }
  const told = { error: "too dark", duration: null, visible: true, title: "Sorry" };
  expect(outputs).toEqual([told, { error: null }, told, { error: "secret", visible: true }]);
});

test("logs and progress reach the caller", async () => {
  const app = createApp({
    async "/work"({ progress, info, signal }: CallContext) {
      info("starting", { title: "Now" });
      for (const _ of progress.each([1, 2], { desc: "outer" })) {
        progress(0.5, { desc: "inner" });
        await new Promise((resolve) => {
          setTimeout(resolve, 40);
        });
      }
      return signal.aborted;
    },
  });
  const gradio = wire(app);
  await gradio.join("work", [], "s");
  const stream = gradio.read("s");
  await stream.ended;
  expect(stream.messages.find(({ msg }) => msg === "log")).toMatchObject({
    log: "starting",
    level: "info",
    title: "Now",
  });
  const inner = { index: null, length: null, unit: "steps", progress: 0.5, desc: "inner" };
  expect(stream.messages.filter(({ msg }) => msg === "progress").map((message) => message.progress_data)).toEqual([
    [{ index: 1, length: 2, unit: "steps", progress: null, desc: "outer" }, inner],
    [{ index: 2, length: 2, unit: "steps", progress: null, desc: "outer" }, inner],
  ]);
});

test("the results of a validator are sent with status 422, one for each input", async () => {
  const app = createApp({
    "/short": endpoint({
      inputs: [textbox("text"), number("limit")],
      fn: (text: string, _limit: number) => text,
      validator: (text: string, limit: number) => [
        { isValid: text.length <= limit, message: "too long" },
        { isValid: true },
      ],
    }),
  });
  const refused = await wire(app).post("/queue/join", { data: ["four", 3], fn_index: 0, session_hash: "s" });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toEqual({
    detail: [
      { __type__: "validate", is_valid: false, message: "too long", parameter_name: "text" },
      { __type__: "validate", is_valid: true, message: "", parameter_name: "_limit" },
    ],
  });
});

test("a restarted app has a new id and no sessions", async () => {
  const app = createApp({ "/echo": (text: string) => text });
  const gradio = wire(app);
  const before = await (await gradio.get("/gradio_api/app_id")).text();
  await gradio.join("echo", ["x"], "s");
  app.restart();
  expect(await (await gradio.get("/gradio_api/app_id")).text()).not.toBe(before);
  const stream = gradio.read("s");
  expect(await stream.ended).toBe("broken");
  expect(stream.messages[0]?.session_not_found).toBe(true);
});

test("requests are counted by path and by route", async () => {
  const app = createApp({ "/echo": (text: string) => text });
  const gradio = wire(app);
  await gradio.join("echo", ["x"], "s");
  await gradio.read("s").ended;
  const beat = await gradio.get("/gradio_api/heartbeat/s");
  expect(app.count("POST", "/queue/join")).toBe(1);
  expect(app.count("GET", "/heartbeat/{session_hash}")).toBe(1);
  expect(app.count("GET", "/queue/join")).toBe(0);
  expect(app.openStreams).toBe(1);
  await beat.body?.cancel();
  expect(app.openStreams).toBe(0);
});

test("streams without messages carry heartbeats", async () => {
  const { open, passed } = gate();
  const app = createApp({ "/wait": () => passed }, { heartbeatInterval: 5 });
  const gradio = wire(app);
  await gradio.join("wait", [], "s");
  const stream = gradio.read("s");
  expect(await stream.first(({ msg }) => msg === "heartbeat")).toEqual({ msg: "heartbeat", event_id: null });
  open();
  expect(await stream.ended).toBe("closed");
});

test("a closed app rejects requests", async () => {
  const app = createApp({ endless });
  const gradio = wire(app);
  await gradio.join("endless", [], "s");
  const stream = gradio.read("s");
  await stream.first(isGenerating);
  await app.close();
  expect(await stream.ended).toBe("broken");
  await expect(gradio.get("/config")).rejects.toThrow(TypeError);
});

test("a plain function that returns a generator streams like one", async () => {
  const app = createApp({ "/count": () => [1, 2].values() });
  const gradio = wire(app);
  await gradio.join("count", [], "s");
  const stream = gradio.read("s");
  await stream.ended;
  expect(stream.messages.filter(isGenerating).map(({ output }) => output?.data)).toEqual([[1], [[["replace", [], 2]]]]);
  expect(app.running).toBe(0);
});
