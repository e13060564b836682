import { runInNewContext } from "node:vm";
import { AppError } from "@gradio-rx/client";
import { Client, FileData, handle_file, MISSING_CREDENTIALS_MSG, prepare_files } from "@gradio-rx/compat";
import {
  AppFailure,
  type CallContext,
  endpoint,
  file,
  number,
  serveApp,
  type ServedApp,
  state,
  textbox,
  update,
} from "@gradio-rx/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

const count = state(0);
let app: ServedApp;
let client: Client;

beforeAll(async () => {
  app = await serveApp({
    "/greet": (name: string, loud = false) => (loud ? `HELLO ${name}` : `Hello ${name}`),
    *"/write"(_: unknown, { info }: CallContext) {
      info("thinking");
      yield "a";
      yield "ab";
    },
    "/fail": () => {
      throw new AppFailure("no topic", { title: "Refused", duration: 5 });
    },
    "/wait": () => new Promise(() => undefined),
    "/label": endpoint({ outputs: [textbox("text")], fn: () => update({ value: "x", label: "Loud" }) }),
    "/direct": endpoint({
      inputs: [textbox("text")],
      outputs: [textbox("out")],
      fn: (text: string) => text,
      queue: false,
    }),
    "/hidden": endpoint({ outputs: [textbox("out")], fn: () => "private", apiVisibility: "private" }),
    "/count": endpoint({
      inputs: [number("step"), count],
      outputs: [number("sum"), count],
      fn: (step: number, sum: number) => [sum + step, sum + step],
    }),
    "/copy": endpoint({ inputs: [file("in")], outputs: [file("out")], fn: (one: File) => one }),
    "/short": endpoint({
      inputs: [textbox("text")],
      outputs: [textbox("out")],
      fn: (text: string) => text,
      validator: () => ({ isValid: false, message: "too long" }),
    }),
  });
  client = await Client.connect(app.url, { events: ["data", "status", "log"] });
});

afterAll(async () => {
  client.close();
  await app.close();
});

async function events(named: string | number, data: unknown[] | Record<string, unknown> = [], from = client) {
  const all = [];
  for await (const event of from.submit(named, data)) all.push(event);
  return all;
}

const stages = (all: Awaited<ReturnType<typeof events>>): string[] =>
  all.map((event) => (event.type === "status" ? event.stage : event.type));

test("predict resolves with the last data event, whose data is the list of outputs", async () => {
  const result = await client.predict<[string]>("/greet", { name: "you" });
  expect(result).toMatchObject({ type: "data", data: ["Hello you"], endpoint: "/greet", fn_index: 0 });
  expect(result.time).toBeInstanceOf(Date);
  expect((await client.predict(0, ["you", true, "surplus"])).data).toEqual(["HELLO you"]);
});

test("a status of pending comes first and complete last, and no output comes twice", async () => {
  const all = await events("/write", ["x"]);
  expect(all[0]).toMatchObject({ type: "status", stage: "pending", queue: true });
  expect(all.at(-1)).toMatchObject({ type: "status", stage: "complete" });
  expect(all.flatMap((event) => (event.type === "data" ? event.data : []))).toEqual(["a", "ab"]);
  expect(all.filter(({ type }) => type === "log")).toEqual([
    expect.objectContaining({ log: "thinking", level: "info", visible: true }),
  ]);
  expect(all.some((event) => event.type === "status" && event.original_msg === "process_starts")).toBe(true);
  expect(stages(all)).toContain("generating");
});

test("a failure is a status where statuses are read, and an error where they are not", async () => {
  const last = (await events("/fail")).at(-1);
  expect(last).toMatchObject({ stage: "error", message: "no topic", title: "Refused", duration: 5, success: false });
  const other = await Client.connect(app.url);
  await expect(events("/fail", [], other)).rejects.toThrow("no topic");
  const error: unknown = await other.predict("/fail").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: "no topic", stage: "error", title: "Refused" });
  expect((error as Error).cause).toBeInstanceOf(AppError);
  other.close();
});

test("submit throws at once for an unknown endpoint or parameter, and for a missing one", () => {
  expect(() => client.submit("/nothing", [])).toThrow("/nothing");
  expect(() => client.submit("/greet", { nam: "x" })).toThrow("nam");
  expect(() => client.submit("/greet", {})).toThrow("name");
});

test("rejected input is a status with one result for each input", async () => {
  expect((await events("/short", ["x"])).at(-1)).toMatchObject({
    stage: "error",
    code: "validation_error",
    message: [{ is_valid: false, message: "too long" }],
  });
});

test("a call outside of the queue ends, and private functions can be called", async () => {
  expect(stages(await events("/direct", ["x"]))).toEqual(expect.arrayContaining(["pending", "data", "complete"]));
  expect((await client.predict("/hidden")).data).toEqual(["private"]);
});

test("component updates stay whole, and states are left out or in their place", async () => {
  expect((await client.predict("/label")).data).toEqual([
    expect.objectContaining({ __type__: "update", value: "x", label: "Loud" }),
  ]);
  expect((await client.predict("/count", [2])).data).toEqual([2]);
  expect((await client.predict("/count", [3, null])).data).toEqual([5]);
  const withStates = await Client.connect(app.url, { with_null_state: true });
  expect((await withStates.predict("/count", [1])).data).toEqual([1, null]);
  withStates.close();
});

test("files go up with their names, and outputs have absolute addresses", async () => {
  const { data } = await client.predict<[FileData]>("/copy", [new File(["hello"], "a.txt")]);
  expect(data[0]).toMatchObject({ orig_name: "a.txt", meta: { _type: "gradio.FileData" } });
  expect(await (await client.fetch(data[0].url!)).text()).toBe("hello");
  const bytes = handle_file(new TextEncoder().encode("bytes"));
  const again = await client.predict<[FileData]>("/copy", [bytes]);
  expect(await (await fetch(again.data[0].url!)).text()).toBe("bytes");
  expect((await client.predict<[FileData]>("/copy", [data[0]])).data[0]).toMatchObject({ orig_name: "a.txt" });
});

test("handle_file accepts the bytes of another realm, and an error names the type of any other value", async () => {
  const bytes = runInNewContext("new Uint8Array([104, 105])") as Uint8Array;
  expect(await (handle_file(bytes) as Blob).text()).toBe("hi");
  for (const [given, type] of [
    [123, "number"],
    [null, "null"],
    [undefined, "undefined"],
    [{}, "object"],
  ] as const)
    expect(() => handle_file(given as never)).toThrow(
      `handle_file accepts a URL, a path, a File, a Blob or a Uint8Array, and received ${type}.`,
    );
});

test("upload returns the files with path and address, and checks their size before", async () => {
  const prepared = await prepare_files([new File(["abc"], "b.txt")]);
  const [uploaded] = (await client.upload(prepared, client.config!.root))!;
  expect(uploaded).toBeInstanceOf(FileData);
  expect((await client.predict<[FileData]>("/copy", [uploaded])).data[0].orig_name).toBe("b.txt");
  await expect(client.upload(prepared, "", undefined, 1)).rejects.toThrow("maximum allowed size");
});

test("cancel ends the loop of a call, and a sibling continues", async () => {
  const job = client.submit("/wait");
  const other = client.submit("/greet", ["you"]);
  expect(await job.wait_for_id()).toBe(job.event_id());
  const done = (async () => {
    for await (const event of job) void event;
  })();
  await expect(job.cancel()).resolves.toBeUndefined();
  await done;
  let last: unknown;
  for await (const event of other) last = event;
  expect(last).toMatchObject({ stage: "complete" });
  const early = client.submit("/wait");
  await early.cancel();
  expect(await early.wait_for_id()).toBeNull();
});

test("a call whose client is closed is broken, as predict tells by its error", async () => {
  const wait = endpoint({ concurrencyLimit: 3, fn: () => new Promise(() => undefined) });
  const own = await serveApp({ "/wait": wait });
  onTestFinished(() => own.close());
  const other = await Client.connect(own.url, { events: ["status"] });
  const looped = events("/wait", [], other);
  const predicted = other.predict("/wait").catch((error: unknown) => error);
  const silent = await Client.connect(own.url);
  const unheard = events("/wait", [], silent);
  await vi.waitFor(() => expect(own.running).toBe(3), { timeout: 20_000 });
  other.close();
  silent.close();
  expect((await looped).at(-1)).toMatchObject({ stage: "error", broken: true });
  expect(await predicted).toMatchObject({ stage: "error", broken: true, message: expect.stringContaining("closed") });
  expect(await unheard).toEqual([]);
  await expect(other.predict("/wait")).rejects.toThrow("closed");
}, 60_000);

test("a stream that was lost is an error with broken, and the next call works", async () => {
  const own = await serveApp({ "/wait": () => new Promise(() => undefined), "/greet": () => "Hello" });
  const other = await Client.connect(own.url, { events: ["status"] });
  const waiting = events("/wait", [], other);
  await vi.waitFor(() => expect([own.running, own.openStreams]).toEqual([1, 1]), { timeout: 20_000 });
  own.dropStreams({ clean: true });
  expect((await waiting).at(-1)).toMatchObject({ stage: "error", broken: true });
  expect((await other.predict("/greet")).data).toEqual(["Hello"]);
  other.close();
  await own.close();
}, 60_000);

test("fields, description and refresh", async () => {
  expect(client.session_hash).not.toBe("");
  expect(client.api_prefix).toBe("/gradio_api");
  expect(client.api_map["greet"]).toBe(0);
  expect(client.config!.root).toBe(app.url.replace(/\/$/, ""));
  const { named_endpoints } = await client.view_api();
  expect(named_endpoints["/greet"]!.parameters[0]).toMatchObject({ parameter_name: "name" });
  expect(await client.refresh()).toBe(client.config);
  expect(await client.reconnect()).toBe("connected");
  const [body, status] = await client.post_data(`${client.config!.root}/gradio_api/missing`, {});
  expect([typeof body, status]).toEqual(["object", 404]);
});

test("methods can be passed on without their client", async () => {
  const passedOn: { predict: Client["predict"] } = { predict: Reflect.get(client, "predict") };
  expect((await passedOn.predict("/greet", ["you"])).data).toEqual(["Hello you"]);
});

test("a missing login has the message that callers compare", async () => {
  const closed = await serveApp({ "/greet": () => "x" }, { auth: ["user", "password"] });
  await expect(Client.connect(closed.url)).rejects.toThrow(MISSING_CREDENTIALS_MSG);
  const other = await Client.connect(closed.url, { auth: ["user", "password"] });
  expect((await other.predict("/greet")).data).toEqual(["x"]);
  other.close();
  await closed.close();
});
