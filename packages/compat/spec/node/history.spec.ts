import {
  apply_run_history_replay,
  asset_url,
  clear_run_history,
  Client,
  connect_bucket,
  consume_run_history_replay,
  delete_run_history,
  is_valid_bucket_id,
  list_bucket_records,
  list_user_buckets,
  on_run_history_change,
  read_run_history,
  read_run_history_storage,
  run_history_url,
  set_run_history_storage,
  stage_run_history_replay,
} from "@gradio-rx/compat";
import {
  AppFailure,
  type CallContext,
  endpoint,
  number,
  serveApp,
  type ServedApp,
  state,
  textbox,
} from "@gradio-rx/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";

/** A storage of a browser, in memory. */
class MemoryStorage {
  readonly items = new Map<string, string>();
  /** Maximum number of characters of a value. */
  room = Infinity;
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const count = state(0);
let app: ServedApp;
let storage: MemoryStorage;

beforeAll(async () => {
  app = await serveApp({
    "/greet": (name: string) => `Hello ${name}`,
    *"/write"() {
      yield "a";
      yield "ab";
    },
    "/bucket": ({ request }: CallContext) => request.headers.get("x-gradio-history-bucket") ?? "none",
    "/fail": () => {
      throw new AppFailure("no topic");
    },
    "/wait": () => new Promise(() => undefined),
    "/hidden": endpoint({ outputs: [textbox("out")], fn: () => "private", apiVisibility: "private" }),
    "/count": endpoint({
      inputs: [number("step"), count],
      outputs: [number("sum"), count],
      fn: (step: number, sum: number) => [sum + step, sum + step],
    }),
  });
});

afterAll(async () => await app.close());

beforeEach(() => {
  storage = new MemoryStorage();
  const page = { localStorage: storage, sessionStorage: new MemoryStorage(), location: new URL(`${app.url}?x=1`) };
  vi.stubGlobal("window", Object.assign(new EventTarget(), page));
  vi.stubGlobal("location", page.location);
});

afterEach(() => void vi.unstubAllGlobals());

/** Turns the page into the app's own. */
function ownPage(): void {
  Reflect.set(window, "gradio_config", { root: app.url.replace(/\/$/, ""), page: { "": {}, second: {} } });
}

async function connect(options: Parameters<typeof Client.connect>[1] = {}, url = app.url): Promise<Client> {
  const client = await Client.connect(url, { events: ["data", "status"], ...options });
  onTestFinished(() => client.close());
  return client;
}

async function finish(client: Client, named: string, data: unknown[] = []): Promise<void> {
  for await (const event of client.submit(named, data)) void event;
}

test("a page of the app records the calls of documented functions, with inputs, outputs and times", async () => {
  ownPage();
  const client = await connect();
  for (const [named, data] of [["/greet", ["you"]], ["/write"], ["/fail"], ["/hidden"], ["/count", [2]]] as const)
    await finish(client, named, [...(data ?? [])]);
  const runs = read_run_history(client.config);
  expect(runs.map(({ api_name, status }) => [api_name, status])).toEqual([
    ["/count", "completed"],
    ["/fail", "failed"],
    ["/write", "completed"],
    ["/greet", "completed"],
  ]);
  const [counted, failed, written, greeted] = runs;
  expect(greeted).toMatchObject({
    endpoint: "/greet",
    page: "/?x=1",
    inputs: ["you"],
    outputs: ["Hello you"],
    duration_ms: expect.any(Number),
    queued_ms: expect.any(Number),
    input_components: [expect.objectContaining({ type: "api", props: expect.objectContaining({ label: "name" }) })],
  });
  expect(written).toMatchObject({ outputs: ["ab"], streamed: true });
  expect(failed).toMatchObject({ error: "no topic", outputs: null });
  // States stay at the app, and keep the places of the others.
  expect(counted).toMatchObject({ inputs: [2, null], outputs: [2, null] });
});

test("a page of the app is found by the address of each of its pages, other addresses are not changed", async () => {
  ownPage();
  const client = await connect({}, new URL("second/", app.url).href);
  expect((await client.predict("/greet", ["you"])).data).toEqual(["Hello you"]);
  await expect(connect({}, new URL("third", app.url).href)).rejects.toThrow("no Gradio app");
});

test("other pages record with record_history alone, and the caller and the app can disable it", async () => {
  await finish(await connect(), "/greet", ["a"]);
  const client = await connect({ record_history: true });
  expect(read_run_history(client.config)).toEqual([]);
  await finish(client, "/greet", ["b"]);
  ownPage();
  await finish(await connect({ record_history: false }), "/greet", ["c"]);
  expect(read_run_history(client.config).map(({ inputs }) => inputs)).toEqual([["b"]]);
  const without = await connect();
  without.config!.run_history = false;
  await finish(without, "/greet", ["d"]);
  expect(read_run_history(client.config).length).toBe(1);
});

test("a run that was cancelled is failed, and one that the user deleted while it ran stays deleted", async () => {
  const client = await connect({ record_history: true });
  for (const isDeleted of [false, true]) {
    const job = client.submit("/wait");
    await job.wait_for_id();
    const [run] = read_run_history(client.config);
    expect(run).toMatchObject({ status: "running" });
    if (isDeleted) clear_run_history(client.config);
    await job.cancel();
    await vi.waitFor(
      () => expect(read_run_history(client.config).map(({ status }) => status)).toEqual(isDeleted ? [] : ["failed"]),
      { timeout: 20_000 },
    );
  }
});

test("a bucket that was chosen receives the runs in place of the browser", async () => {
  const client = await connect();
  set_run_history_storage(client.config, { type: "bucket", bucket_id: "me/runs" });
  expect(read_run_history_storage(client.config)).toEqual({ type: "bucket", bucket_id: "me/runs" });
  expect((await client.predict("/bucket")).data).toEqual(["me/runs"]);
  expect(read_run_history(client.config)).toEqual([]);
  set_run_history_storage(client.config, { type: "browser" });
  expect(read_run_history_storage(client.config)).toEqual({ type: "browser" });
});

test("a full storage keeps the newest runs, and never breaks a call", async () => {
  const client = await connect({ record_history: true });
  await finish(client, "/greet", ["first"]);
  const size = [...storage.items.values()].join("").length;
  storage.room = size * 1.5;
  await finish(client, "/greet", ["second"]);
  expect(read_run_history(client.config).map(({ inputs }) => inputs)).toEqual([["second"]]);
  storage.room = 10;
  expect((await client.predict("/greet", ["third"])).data).toEqual(["Hello third"]);
  expect(read_run_history(client.config)).toEqual([]);
});

test("a run is kept for one page load, and its values are written into the components", async () => {
  const client = await connect({ record_history: true });
  await finish(client, "/count", [7]);
  const [run] = read_run_history(client.config);
  stage_run_history_replay(client.config, run!);
  expect(apply_run_history_replay(client.config!)).toBe(true);
  const dependency = client.config!.dependencies[run!.fn_index]!;
  const valueOf = (id: number): unknown => client.config!.components.find((one) => one.id === id)!.props["value"];
  expect([valueOf(dependency.inputs[0]!), valueOf(dependency.outputs[0]!)]).toEqual([7, 7]);
  expect(consume_run_history_replay(client.config)).toBeNull();
  expect(apply_run_history_replay(client.config!)).toBe(false);
});

test("listeners are called when runs change, until they stop; runs of other users are separate", async () => {
  const scope = { app_id: "1", username: "me" };
  const heard = vi.fn<() => void>();
  const stop = on_run_history_change(heard);
  set_run_history_storage(scope, { type: "browser", bucket_id: "me/runs" });
  delete_run_history(scope, "none");
  expect(heard).toHaveBeenCalledTimes(2);
  stop();
  clear_run_history(scope);
  expect(heard).toHaveBeenCalledTimes(2);
  expect(read_run_history_storage({ app_id: "1" })).toEqual({ type: "browser" });
  expect(run_history_url("http://a/b/")).toBe("http://a/b/gradio_api/runs");
});

test("buckets are created and read by the app, and an answer without success has its reason", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    asked.push(`${init.method ?? "GET"} ${url} ${init.credentials}`);
    if (url.includes("records")) return Response.json({ detail: "no access" }, { status: 403 });
    return Response.json({ buckets: ["me/runs"] });
  });
  expect(await connect_bucket("http://a", "me/runs")).toEqual({ ok: true, status: 200, data: null });
  expect(await connect_bucket("http://a", "../x")).toMatchObject({ ok: false, status: 422 });
  expect(await list_user_buckets("http://a")).toEqual({ ok: true, status: 200, data: ["me/runs"] });
  expect(await list_bucket_records("http://a", "me/runs")).toEqual({
    ok: false,
    status: 403,
    data: [],
    detail: "no access",
  });
  expect(asked).toEqual([
    "POST http://a/gradio_api/run-history/connect include",
    "GET http://a/gradio_api/run-history/buckets include",
    "GET http://a/gradio_api/run-history/records?bucket=me%2Fruns include",
  ]);
  expect(asset_url("http://a", "me/runs", "/greet", "1", "a b.txt")).toBe(
    "http://a/gradio_api/run-history/records/%2Fgreet/1/assets/a%20b.txt?bucket=me%2Fruns",
  );
  expect(["me/runs", "me", "me/..", "a b/c"].map(is_valid_bucket_id)).toEqual([true, false, false, false]);
});
