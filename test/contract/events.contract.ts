import { type DataEvent, type JobEvent, type LogEvent, type StatusEvent } from "#sdk";
import { expect, test } from "vitest";
import { byName, cleaned, holds } from "./differences.ts";
import { collect, connect, until } from "./place.ts";

const statuses = (events: JobEvent[]) => events.filter((event): event is StatusEvent => event.type === "status");
const outputs = (events: JobEvent[]) => events.filter((event): event is DataEvent => event.type === "data");
const stages = (events: JobEvent[]) => statuses(events).map((event) => event.stage);
const terminal = ["complete", "error", "cancelled"];

test("a call emits starting first, then the app's messages in order, and one terminal status last", async () => {
  const client = await connect();
  const events = await collect(client.submit("/generate", ["abc", 0.01]));
  expect(stages(events)[0]).toBe("starting");
  const order = ["starting", "queued", "processing", "generating", "complete"];
  const places = stages(events).map((stage) => order.indexOf(stage));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(stages(events).filter((stage) => terminal.includes(stage))).toEqual(["complete"]);
  expect(events.at(-1)).toMatchObject({ type: "status", stage: "complete", success: true });
  expect(statuses(events).filter((event) => event.success !== null)).toHaveLength(1);
});

test("every event contains its endpoint, its call and its time", async () => {
  const client = await connect();
  const job = client.submit("/echo", ["x"]);
  const events = await collect(job);
  const { index } = client.endpoints.find((one) => one.name === "/echo")!;
  for (const event of events) {
    expect(event).toMatchObject({ endpoint: "/echo", fnIndex: index });
    expect(event.time).toBeInstanceOf(Date);
  }
  expect(events[0]!.eventId).toBeNull();
  expect(events.at(-1)!.eventId).toBe(job.id);
  const nameless = holds("calls use WebSockets, bypass fetch and logger, and have no ids");
  expect(job.id).toEqual(nameless ? null : expect.stringMatching(/^[0-9a-f]{32}$/));
});

test("a function's only output is final; a generator's outputs are not, and its last one is not emitted twice", async () => {
  const client = await connect();
  const once = outputs(await collect(client.submit("/echo", ["x"])));
  expect(once).toMatchObject([{ data: "x", outputs: ["x"], final: true, changed: null }]);
  const many = outputs(await collect(client.submit("/generate", ["abb", 0.01])));
  expect(many.map((event) => event.data)).toEqual(["a", "ab", "abb"]);
  expect(many.every((event) => !event.final)).toBe(true);
});

test("equal outputs in a row are emitted each", async () => {
  const client = await connect();
  const events = outputs(await collect(client.submit("/generate_two", [4])));
  expect(events.map((event) => event.data)).toEqual([
    ["step 0", 0],
    ["step 1", 0],
    ["step 2", 1],
    ["step 3", 1],
  ]);
  // The app's diffs mark which parts of which outputs are new.
  const whole = holds("outputs are sent whole: changes are unknown, and nothing is shared");
  const changed = events.map((event) => event.changed?.map(({ output }) => output) ?? null);
  expect(changed).toEqual(whole ? [null, null, null, null] : [null, [0], [0, 1], [0]]);
  if (!whole) expect(events[1]!.changed).toEqual([{ output: 0, path: [] }]);
});

test("an endpoint without outputs emits null once", async () => {
  const client = await connect();
  expect(outputs(await collect(client.submit("/none")))).toMatchObject([{ data: null, outputs: [], final: true }]);
});

test("a generator that yields nothing emits one final null", async () => {
  const client = await connect();
  const job = client.submit("/generate_none");
  expect(outputs(await collect(job))).toMatchObject([{ data: null, final: true }]);
  expect(await job.result()).toBeNull();
});

const everyDiff = (steps: number): unknown[] => {
  const values: Record<string, unknown>[] = [{ items: [], name: "start", nested: { deep: [1, 2, 3] } }];
  for (let step = 0; step < steps; step++) {
    const last = values.at(-1)!;
    values.push({ ...last, items: [...(last["items"] as unknown[]), { id: step, text: "a".repeat(step) }] });
  }
  const last = values.at(-1)!;
  return [
    ...values,
    { ...last, name: "start and more" },
    { ...last, name: "other" },
    { ...last, nested: { deep: [1, 9, 3], new: null } },
    { items: (last["items"] as unknown[]).slice(0, 1), name: "end" },
    ["now", "a", "list"],
    ["now", { a: "list" }, 3.5, null, true, "ünïcødé ✓"],
  ];
};

test("values that grow, change, shrink and nest arrive whole, and emitted values do not change later", async () => {
  const client = await connect();
  const seen: unknown[] = [];
  const copies: unknown[] = [];
  const job = client.submit("/generate_json", [3], {
    onData: ({ data }) => {
      seen.push(data);
      copies.push(structuredClone(data));
    },
  });
  const result = await job.result();
  expect(copies).toEqual(everyDiff(3));
  expect(seen).toEqual(copies);
  expect(job.outputs()).toEqual(copies);
  expect(result).toEqual(copies.at(-1));
});

test("parts that did not change are shared between outputs", async () => {
  const client = await connect();
  const values = await collect(client.submit<object[]>("/chat", ["me", []]).values());
  expect(values).toHaveLength(3);
  // The second element of a pair grows, so the pair as a whole is a new value.
  expect(values[1]![0] === values[0]![0]).toBe(!holds("chat messages are pairs"));
});

test("rows and columns that are deleted from a table leave the others", async () => {
  const client = await connect();
  const values = await collect(client.submit<object>("/shrink").values());
  expect(values).toMatchObject([
    {
      headers: ["a", "b", "c"],
      data: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    },
    {
      headers: ["a", "b"],
      data: [
        [1, 2],
        [4, 5],
      ],
    },
    { headers: ["a"], data: [[1]] },
  ]);
});

test("a component update has its value in data and is whole in outputs; skip repeats the value before", async () => {
  const client = await connect();
  const [event] = outputs(await collect(client.submit("/update", ["new"])));
  expect(event!.data).toBe("new");
  expect(event!.outputs).toEqual([{ __type__: "update", value: "new", label: "renamed" }]);
  expect(await client.predict("/update", ["again"])).toBe("again");
  expect(await collect(client.submit("/skips").values())).toEqual([null, "one", "one", "two"]);
});

test("logs arrive with level, title, duration and visibility", async () => {
  const client = await connect();
  const events = await collect(client.submit("/logs", ["now"]));
  const logs = events.filter((event): event is LogEvent => event.type === "log");
  const title = (text: string) => (holds("logs and errors have no title") ? null : text);
  const duration = holds("logs and errors have neither duration nor visibility") ? null : 10_000;
  const expected = [
    { level: "info", log: "info now", title: title("Info"), duration, visible: true },
    { level: "warning", log: "warning now", title: title("Warning"), duration, visible: true },
    { level: "success", log: "success now", title: title("Good"), duration: null, visible: true },
  ];
  const expectedCount = holds("there are no logs with level success") ? 2 : 3;
  expect(logs).toHaveLength(expectedCount);
  expect(logs).toMatchObject(expected.slice(0, expectedCount));
});

test("progress bars arrive, also nested ones, with a readable description", async () => {
  const client = await connect();
  const shown = statuses(await collect(client.submit("/progress", [2]))).filter((event) => event.progressData !== null);
  const bars = shown.map((event) => event.progressData!);
  const nested = bars.find((bar) => bar.length === 2)!;
  expect(nested[0]).toMatchObject({ desc: "outer", length: 2, unit: "steps" });
  expect(nested[1]).toMatchObject({ desc: "inner", length: 2, unit: "files" });
  expect(bars.flat()).toContainEqual({ index: null, length: null, unit: "steps", progress: 0.75, desc: "fraction" });
  expect(bars.flat()).toContainEqual({ index: 9, length: 10, unit: "rows", progress: null, desc: "pair" });
  expect(shown.map((event) => event.msg)).toContain("fraction: 75 %");
  expect(shown.filter(({ stage }) => stage !== "complete").every(({ stage }) => stage === "processing")).toBe(true);
});

test("the queue reports position, length and expected time, and the last known values stay", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const first = client.submit("/watched_one", [key, 40, 0.05]);
  await until(() => first.status().stage === "generating");
  const second = client.submit("/watched_one", [key, 1, 0]);
  await until(() => second.status().stage === "queued");
  const third = client.submit("/watched_one", [key, 1, 0]);
  const last = statuses(await collect(third));
  const waiting = last.filter(({ stage }) => stage === "queued");
  expect(waiting.some(({ rank }) => rank! >= 1)).toBe(true);
  for (const { rank, queueSize, msg } of waiting) {
    expect(queueSize).toBeGreaterThan(rank!);
    expect(msg).toMatch(new RegExp(`^In queue: position ${rank! + 1} of ${queueSize}`));
  }
  const { rank, queueSize } = waiting.at(-1)!;
  expect(last.at(-1)).toMatchObject({ stage: "complete", rank, queueSize });
  // After the first run the app knows the run time of the function.
  const again = statuses(await collect(client.submit("/watched_one", [key, 1, 0])));
  expect(again.at(-1)!.eta).toBeGreaterThan(0);
  expect(again.at(-1)!.averageDuration).toBeGreaterThanOrEqual(0);
});

test("status() returns the latest status at any time, from submit on", async () => {
  const client = await connect();
  const job = client.submit("/echo", ["x"]);
  expect(job.status()).toMatchObject({
    stage: "starting",
    success: null,
    attempt: 1,
    rank: null,
    progressData: null,
    timeLimit: null,
    usedCache: null,
  });
  await job.result();
  expect(job.status()).toMatchObject({ stage: "complete", success: true });
  expect(job.status().time).toBeInstanceOf(Date);
});

test("a result from the app's cache is marked as such", async () => {
  const client = await connect();
  const text = crypto.randomUUID();
  const fresh = client.submit("/cached", [text]);
  expect(await fresh.result()).toBe(`cached ${text}`);
  expect(fresh.status().usedCache).toBeNull();
  const again = client.submit("/cached", [text]);
  expect(await again.result()).toBe(`cached ${text}`);
  const forgetful = holds("the app has no cache of results");
  expect(again.status()).toMatchObject({ stage: "complete", usedCache: forgetful ? null : "full" });
  expect(again.status().cacheDuration).toEqual(forgetful ? null : expect.any(Number));
});

test("endpoints outside the queue emit the same events: all outputs of a generator, logs, errors", async () => {
  const client = await connect();
  expect(await client.predict("/direct", ["x"])).toBe("direct x");
  const events = await collect(client.submit("/direct_generate", [3]));
  expect(outputs(events).map((event) => event.data)).toEqual([0, 1, 2]);
  expect(stages(events).at(-1)).toBe("complete");
});

test("batch functions return to each call its own part", async () => {
  const client = await connect();
  const results = await Promise.all(["a", "b", "c"].map((text) => client.predict<string>("/batch", [text])));
  const mixed = holds("all jobs of a batch get the output of the last one");
  for (const [index, text] of results.entries()) expect(mixed ? "abc" : "abc"[index]).toContain(text[0]);
});

test("a large value arrives completely", async () => {
  const client = await connect();
  expect(await client.predict<string>("/big", [3_000_000])).toHaveLength(3_000_000);
});

test("Blobs and Files are sent by value, at any depth, with their names and types", async () => {
  const client = await connect();
  const text = new File(["hällo"], "hä llo (1).txt", { type: "text/plain" });
  expect(await client.predict("/file_info", [text])).toEqual({
    name: cleaned(text.name),
    size: 6,
    head: "68c3a46c6c6f",
  });
  const bytes = new Uint8Array([0, 255, 1, 128]);
  const files = [new File([bytes], "b.bin"), bytes, bytes.buffer, new Blob(["x"])];
  const several = await client.predict("/files_info", byName({ files }));
  expect(several).toMatchObject([
    { name: "b.bin", head: "00ff0180" },
    { head: "00ff0180" },
    { head: "00ff0180" },
    { size: 1 },
  ]);
  const job = client.submit("/file_echo", [text]);
  expect(stages(await collect(job))).toContain("uploading");
  expect(await job.result()).toMatchObject({ origName: cleaned(text.name), size: 6, isStream: false });
});

test("an upload shows in statuses of stage uploading, with the bytes of all files together, and in no later status", async () => {
  const client = await connect();
  const files = [100_000, 200_000].map((size, index) => new File([new Uint8Array(size)], `${index}.bin`));
  const job = client.submit("/files_info", byName({ files }));
  const seen = statuses(await collect(job));
  const uploads = seen.filter(({ stage }) => stage === "uploading").map(({ upload }) => upload);
  expect(uploads.length).toBeGreaterThan(0);
  for (const upload of uploads) expect(upload).toMatchObject({ total: 300_000 });
  const sent = uploads.map((upload) => upload?.sent ?? 0);
  expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  expect(sent.at(-1)).toBe(300_000);
  const others = seen.filter(({ stage }) => stage !== "uploading");
  expect(others.every(({ upload }) => upload === null)).toBe(true);
});

test("the upload of a file that is passed twice ends with all of its bytes", async () => {
  const client = await connect();
  const file = new File([new Uint8Array(100_000)], "twice.bin");
  const seen = statuses(await collect(client.submit("/files_info", byName({ files: [file, file] }))));
  const uploads = seen.flatMap(({ upload }) => (upload ? [upload] : []));
  expect(uploads.length).toBeGreaterThan(0);
  expect(uploads.at(-1)?.sent).toBe(uploads.at(-1)?.total);
});

test("upload progress is reported in bytes, up to the size of the file", async () => {
  const client = await connect();
  const seen: { sent: number; total: number; file: string }[] = [];
  const file = new File([new Uint8Array(300_000)], "big.bin");
  await client.predict("/file_info", [file], { onUploadProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual({ sent: 300_000, total: 300_000, file: "big.bin" });
  expect(seen.map(({ sent }) => sent)).toEqual(seen.map(({ sent }) => sent).toSorted((a, b) => a - b));
});
