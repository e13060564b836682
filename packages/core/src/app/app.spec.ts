import { expect, test } from "vitest";
import { RetryBudget } from "../http/retry.ts";
import { Secrets } from "../http/secrets.ts";
import { Http } from "../http/request.ts";
import { type App, findApp } from "./app.ts";

const base = new URL("http://app.test/sub/");
const text = { id: 1, type: "textbox", props: { label: "text" } };
const echo = { id: 0, inputs: [1], outputs: [1], api_name: "echo", backend_fn: true };
const newest = {
  version: "6.31.0",
  protocol: "sse_v3",
  api_prefix: "/gradio_api",
  components: [text],
  dependencies: [echo],
};
const described = {
  named_endpoints: { "/echo": { parameters: [{ parameter_name: "said", label: "text" }], returns: [] } },
};

/** Finds the app of a server that answers by path; says what was asked for. */
async function find(answers: Record<string, () => Response>) {
  const asked: string[] = [];
  const http = (at: URL): Http =>
    new Http({
      base: at,
      credentials: {},
      timeout: 1_000,
      retry: { limit: 0, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
      secrets: new Secrets(),
      limits: {
        event: 10_000,
        body: 1_000_000,
        depth: 100,
        pendingMessages: 5,
        pendingBytes: 1_000_000,
        logs: 1_000_000,
      },
      closed: new AbortController().signal,
      transport: {
        send: async (request) => {
          const path = new URL(request.url).pathname;
          asked.push(path);
          return answers[path]?.() ?? new Response("<html>", { status: 404 });
        },
        upload: () => Promise.reject(new Error("nothing is uploaded here")),
      },
    });
  const found = findApp(base, http, { query: {}, signal: undefined });
  return { asked, app: await found.catch((error: unknown) => error) };
}

const json = (body: unknown) => (): Response => Response.json(body);
const names = (app: unknown): unknown =>
  (app as { endpoints: { parameters: { name: string }[] }[] }).endpoints[0]!.parameters[0]!.name;

test("configuration and description are requested together, in two requests", async () => {
  const { app, asked } = await find({ "/sub/config": json(newest), "/sub/gradio_api/info": json(described) });
  expect(asked.toSorted()).toEqual(["/sub/config", "/sub/gradio_api/info"]);
  expect(names(app)).toBe("said");
});

test("the description is requested again where the app has it at another path", async () => {
  const { app, asked } = await find({
    "/sub/config": json({ ...newest, version: "4.44.1", api_prefix: undefined }),
    "/sub/info": json(described),
  });
  expect(asked).toContain("/sub/info");
  expect(names(app)).toBe("said");
});

test("an app without a description can be called by position", async () => {
  const { app } = await find({ "/sub/config": json(newest) });
  expect(names(app)).toBeNull();
});

test("an app that has its configuration in its page alone is found there", async () => {
  const page = `<script>window.gradio_config = ${JSON.stringify({ ...newest, version: "3.1", protocol: undefined, api_prefix: undefined })};</script>`;
  const { app } = await find({ "/sub/": () => new Response(page), "/sub/info": json(described) });
  expect(app).toMatchObject({ base, config: { version: "3.1", protocol: "ws" } });
});

test("a page without a configuration is not an app, and its description is not requested", async () => {
  const { app, asked } = await find({ "/sub/": () => new Response("<html>hello") });
  expect(app).toMatchObject({ code: "protocol", status: 404 });
  expect(asked.filter((path) => path === "/sub/info")).toEqual([]);
});

test("a parameter says what it takes: choices, bounds, help and an example", async () => {
  const choice = {
    id: 2,
    type: "dropdown",
    props: { choices: [["A", "a"], ["Two", 2], "b", [{}, {}]], allow_custom_value: true, info: "Pick one." },
  };
  const level = { id: 3, type: "slider", props: { minimum: 0, maximum: 10, choices: [] } };
  const parameters = [
    { parameter_name: "choice", type: { type: "string", enum: ["a", 2] }, example_input: "a" },
    { parameter_name: "level", type: { type: "number" } },
    { parameter_name: "text", type: { type: "array", items: { enum: ["x"] } } },
  ];
  const endpoint = { ...echo, inputs: [2, 3, 1] };
  const config = { ...newest, components: [text, choice, level], dependencies: [endpoint] };
  const info = { named_endpoints: { "/echo": { parameters, returns: [] } } };
  const { app } = await find({ "/sub/config": json(config), "/sub/gradio_api/info": json(info) });
  expect((app as App).endpoints[0]!.info.parameters).toMatchObject([
    {
      choices: [
        { label: "A", value: "a" },
        { label: "Two", value: 2 },
        { label: "b", value: "b" },
      ],
      openChoices: true,
      help: "Pick one.",
      example: "a",
      minimum: null,
    },
    { choices: null, openChoices: false, help: null, example: null, minimum: 0, maximum: 10 },
    { choices: [{ label: "x", value: "x" }] },
  ]);
});

test("an endpoint says how its calls run: state, queue, batches, and how many at once", async () => {
  const state = { id: 2, type: "state", props: {}, skip_api: true };
  const dependencies = [
    echo,
    { ...echo, id: 1, api_name: "remembering", inputs: [1, 2], concurrency_limit: 3 },
    { ...echo, id: 2, api_name: "direct", queue: false, batch: false, max_batch_size: 4 },
    { ...echo, id: 3, api_name: "batched", queue: null, batch: true, max_batch_size: 4 },
  ];
  const config = { ...newest, components: [text, state], dependencies };
  const { app } = await find({ "/sub/config": json(config), "/sub/gradio_api/info": json(described) });
  expect((app as App).endpoints.map(({ info }) => info)).toMatchObject([
    { stateful: false, queued: true, batchSize: 1, concurrency: null },
    { stateful: true, queued: true, batchSize: 1, concurrency: 3 },
    { stateful: false, queued: false, batchSize: 1, concurrency: null },
    { stateful: false, queued: true, batchSize: 4, concurrency: null },
  ]);
});

test("an output says whether it is a file, a list of files, or holds some", async () => {
  const file = { properties: { path: {}, meta: { default: { _type: "gradio.FileData" } } } };
  const types = [file, { items: file }, { properties: { image: file } }, { type: "string" }];
  const returns = [...types.map((type) => ({ type })), {}];
  const config = { ...newest, dependencies: [{ ...echo, outputs: [1, 1, 1, 1, 1] }] };
  const info = { named_endpoints: { "/echo": { parameters: [], returns } } };
  const { app } = await find({ "/sub/config": json(config), "/sub/gradio_api/info": json(info) });
  const files = (app as App).endpoints[0]!.info.returns.map((output) => output.file);
  expect(files).toEqual(["one", "many", "inside", null, "inside"]);
});

test("an output of Gradio 3 says its files by its serializer; a gallery holds pairs of file and caption", async () => {
  const made = (id: number, serializer: string, type = "file") => ({ id, type, serializer, props: {} });
  const components = [
    made(1, "FileSerializable"),
    made(2, "GallerySerializable", "gallery"),
    made(3, "StringSerializable", "textbox"),
  ];
  const returns = [{ type: { type: "array" } }, { type: { type: "array" } }, { type: { type: "string" } }];
  const config = {
    version: "3.50.2",
    protocol: "ws",
    components,
    dependencies: [{ ...echo, inputs: [], outputs: [1, 2, 3] }],
  };
  const info = { named_endpoints: { "/echo": { parameters: [], returns } } };
  const { app } = await find({ "/sub/config": json(config), "/sub/info": json(info) });
  expect((app as App).endpoints[0]!.info.returns.map(({ file }) => file)).toEqual(["many", "inside", null]);
});
