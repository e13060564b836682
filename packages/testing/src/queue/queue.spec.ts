import { expect, test } from "vitest";
import { endless, gate, isGenerating, kinds } from "../../spec/jobs.ts";
import { wire } from "../../spec/wire.ts";
import { createApp, endpoint, textbox } from "../index.ts";

test("cancelling a running generator completes it without data and ends it", async () => {
  const app = createApp({ endless });
  const gradio = wire(app);
  const id = await gradio.join("endless", [], "s");
  const stream = gradio.read("s");
  await stream.first(isGenerating);
  expect(await gradio.cancel("endless", id, "s")).toEqual({ success: true });
  expect(await stream.ended).toBe("closed");
  expect(stream.messages.at(-2)).toMatchObject({ msg: "process_completed", event_id: id, output: {}, success: true });
  expect(app.running).toBe(0);
});

test("cancelling one of two running jobs of a function ends the other without a message", async () => {
  const app = createApp({ endless }, { defaultConcurrencyLimit: 2 });
  const gradio = wire(app);
  const one = await gradio.join("endless", [], "s");
  const other = await gradio.join("endless", [], "s");
  const stream = gradio.read("s");
  await stream.first((message) => isGenerating(message) && message.event_id === other);
  await gradio.cancel("endless", one, "s");
  await stream.first(({ msg }) => msg === "process_completed");
  expect(app.running).toBe(0);
  const ends = stream.messages.filter(({ msg }) => msg === "process_completed").map(({ event_id }) => event_id);
  expect(ends).toEqual([one]);
  expect(app.openStreams).toBe(1);
  await app.close();
});

test("a queued job that is cancelled with its own index starts, completes without data, and runs to its end", async () => {
  const { open, passed } = gate();
  const app = createApp({
    "/wait": (stuck: boolean) => (stuck ? new Promise(() => undefined) : passed.then(() => "done")),
  });
  const gradio = wire(app);
  await gradio.join("wait", [true], "s");
  const queued = await gradio.join("wait", [false], "s");
  const other = await gradio.join("wait", [false], "other");
  const stream = gradio.read("s");
  await stream.first(({ msg }) => msg === "process_starts");
  await gradio.cancel("wait", queued, "s");
  open();
  const told = await gradio
    .read("other")
    .first(({ msg, event_id }) => msg === "process_completed" && event_id === other);
  expect(told.output?.data).toEqual(["done"]);
  const about = stream.messages.filter(({ event_id, msg }) => event_id === queued && msg !== "estimation");
  expect(about.map(({ msg, output }) => [msg, output?.data])).toEqual([
    ["process_starts", undefined],
    ["process_completed", undefined],
    ["process_completed", ["done"]],
  ]);
  await app.close();
});

test("a queued job that is cancelled with index -1 leaves the running one alone", async () => {
  const { open, passed } = gate();
  const app = createApp({ "/wait": () => passed.then(() => "done") });
  const gradio = wire(app);
  const running = await gradio.join("wait", [], "s");
  const queued = await gradio.join("wait", [], "s");
  const stream = gradio.read("s");
  await stream.first(({ msg }) => msg === "process_starts");
  await gradio.cancel(-1, queued, "s");
  open();
  expect(await stream.ended).toBe("closed");
  const ends = stream.messages.filter(({ msg }) => msg === "process_completed");
  expect(ends.map(({ event_id, output }) => [event_id, output?.data])).toEqual([
    [queued, undefined],
    [running, ["done"]],
  ]);
});

test("waiting jobs receive a new estimation when the queue moves", async () => {
  const { open, passed } = gate();
  const app = createApp({ "/wait": () => passed });
  const gradio = wire(app);
  await gradio.join("wait", [], "first");
  await gradio.read("first").first(({ msg }) => msg === "process_starts");
  await gradio.join("wait", [], "second");
  const third = await gradio.join("wait", [], "third");
  const stream = gradio.read("third");
  open();
  await stream.ended;
  const places = stream.messages.filter(({ msg }) => msg === "estimation");
  expect(places).toMatchObject([
    { event_id: third, rank: 1, queue_size: 2 },
    { event_id: third, rank: 0, queue_size: 1 },
  ]);
});

test("one job more than the queue holds is rejected with 503", async () => {
  const { open, passed } = gate();
  const app = createApp({ "/wait": () => passed }, { maxSize: 1 });
  const gradio = wire(app);
  await gradio.join("wait", [], "s");
  await gradio.read("s").first(({ msg }) => msg === "process_starts");
  await gradio.join("wait", [], "s");
  expect(app.queued).toBe(1);
  const refused = await gradio.post("/queue/join", { data: [], fn_index: 0, session_hash: "s" });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toEqual({ detail: "Queue is full. Max size is 1 and size is 1." });
  open();
});

test("jobs that wait together run in batches", async () => {
  const { open, passed } = gate();
  const sizes: number[] = [];
  const app = createApp({
    "/batch": endpoint({
      inputs: [textbox("text")],
      outputs: [textbox("output")],
      batch: true,
      maxBatchSize: 2,
      fn: async (texts: string[]) => {
        sizes.push(texts.length);
        await passed;
        return [texts.map((text) => `${text}!`)];
      },
    }),
  });
  const gradio = wire(app);
  await gradio.join("batch", ["a"], "s");
  const stream = gradio.read("s");
  await stream.first(({ msg }) => msg === "process_starts");
  for (const text of ["b", "c", "d"]) await gradio.join("batch", [text], "s");
  open();
  await stream.ended;
  expect(sizes).toEqual([1, 2, 1]);
  const results = stream.messages.filter(({ msg }) => msg === "process_completed").map(({ output }) => output?.data);
  expect(results).toEqual([["a!"], ["b!"], ["c!"], ["d!"]]);
});

test("two readers of one session share its messages between them", async () => {
  const app = createApp({ "/echo": (text: string) => text });
  const gradio = wire(app);
  await gradio.join("echo", ["x"], "s");
  const readers = [gradio.read("s"), gradio.read("s")];
  const everything = ["close_stream", "estimation", "process_completed", "process_starts"];
  await expect.poll(() => readers.flatMap(({ messages }) => kinds(messages)).toSorted()).toEqual(everything);
  await app.close();
});

test("a cached endpoint sends only the completion for a known input", async () => {
  let calls = 0;
  const fn = (text: string): string => {
    calls += 1;
    return `${text}!`;
  };
  const gradio = wire(createApp({ "/once": endpoint({ inputs: [textbox("text")], fn, cache: true }) }));
  const seen: string[][] = [];
  for (const text of ["a", "a", "b"]) {
    await gradio.join("once", [text], "s");
    const stream = gradio.read("s");
    await stream.ended;
    seen.push(kinds(stream.messages));
  }
  const whole = ["estimation", "process_starts", "process_completed", "close_stream"];
  expect(seen).toEqual([whole, ["process_completed", "close_stream"], whole]);
  expect(calls).toBe(2);
});
