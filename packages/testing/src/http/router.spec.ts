import { expect, test } from "vitest";
import { wire } from "../../spec/wire.ts";
import { createApp, endpoint, file, json, number, serveApp, state, textbox } from "../index.ts";

const echo = { "/echo": (text: string) => text };
const local = { origin: "http://localhost:3000" };

test("the configuration contains protocol, prefix and the URL of the request", async () => {
  const app = createApp(echo, { title: "Mine" });
  const config = await (await wire(app).get("/config")).json();
  const known = {
    protocol: "sse_v3",
    api_prefix: "/gradio_api",
    root: app.url,
    title: "Mine",
    connect_heartbeat: false,
  };
  expect(config).toMatchObject(known);
});

test("behind a proxy the app uses the URL in the proxy's headers, or the one in its options", async () => {
  const headers = { "x-forwarded-host": "my.example, inner", "x-forwarded-proto": "https, http" };
  const root = async (options: object): Promise<unknown> => {
    const config: { root: unknown } = await (await wire(createApp(echo, options)).get("/config", { headers })).json();
    return config.root;
  };
  expect(await root({})).toBe("https://my.example");
  expect(await root({ rootPath: "http://inner:7860/" })).toBe("http://inner:7860");
});

test("a mounted app answers under its path only", async () => {
  const app = await serveApp(echo, { path: "/sub/app" });
  const { origin } = new URL(app.url);
  const config: { root: unknown } = await (await fetch(`${app.url}/config`)).json();
  expect(config.root).toBe(app.url);
  expect((await fetch(`${origin}/config`)).status).toBe(404);
  const bare = await fetch(app.url, { redirect: "manual" });
  expect([bare.status, bare.headers.get("location")]).toEqual([307, `${app.url}/`]);
  await app.close();
});

test("the app's id is an integer that is too large for a number", async () => {
  const text = await (await wire(createApp(echo)).get("/gradio_api/app_id")).text();
  const [, digits = "0"] = /^\{"app_id":(\d+)\}$/.exec(text) ?? [];
  expect(BigInt(digits) > BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
});

test("the API description omits states and private endpoints, and undocumented ones unless requested", async () => {
  const inputs = [textbox("Text", { value: "hi" }), state(0)];
  const gradio = wire(
    createApp({
      "/public": endpoint({ inputs, fn: (text: string, _count: number) => text }),
      "/undocumented": endpoint({ fn: () => 1, apiVisibility: "undocumented" }),
      "/private": endpoint({ fn: () => 2, apiVisibility: "private" }),
    }),
  );
  const names = async (query: string): Promise<string[]> => {
    const info: { named_endpoints: object } = await (await gradio.get(`/gradio_api/info${query}`)).json();
    return Object.keys(info.named_endpoints);
  };
  expect(await names("")).toEqual(["/public"]);
  expect(await names("?all_endpoints=true")).toEqual(["/public", "/undocumented"]);
  const info: unknown = await (await gradio.get("/gradio_api/info")).json();
  const parameter = { label: "Text", parameter_name: "text", parameter_has_default: true, parameter_default: "hi" };
  expect(info).toMatchObject({
    named_endpoints: { "/public": { parameters: [{ ...parameter, component: "Textbox" }] } },
  });
});

test("the parameters of a plain function are described from its source text", async () => {
  const gradio = wire(createApp({ "/greet": (name: string, times = 2) => name.repeat(times) }));
  expect(await (await gradio.get("/gradio_api/info")).json()).toMatchObject({
    named_endpoints: {
      "/greet": {
        parameters: [
          { parameter_name: "name", parameter_has_default: false },
          { parameter_name: "times", parameter_default: 2 },
        ],
      },
    },
  });
});

test.for([
  ["an unknown endpoint", { data: [], fn_index: 99, session_hash: "s" }, 500, "Internal Server Error"],
  ["no session", { data: [], fn_index: 0 }, 400, '{"detail":"Session hash not found."}'],
  ["no endpoint", { data: [], session_hash: "s" }, 400, '{"detail":"No function index provided."}'],
  [
    "no data",
    { fn_index: 0, session_hash: "s" },
    422,
    '{"detail":[{"type":"missing","loc":["body","data"],"msg":"Field required","input":{"fn_index":0,"session_hash":"s"}}]}',
  ],
] as const)("a join with %s is rejected", async ([, body, status, text]) => {
  const response = await wire(createApp(echo)).post("/queue/join", body);
  expect([response.status, await response.text()]).toEqual([status, text]);
});

test("pages of local origins can read responses of a local app, other pages cannot, and no page can read an internal error 500", async () => {
  const app = await serveApp(echo);
  const gradio = wire(app);
  const allowed = async (headers: Record<string, string>, body: unknown): Promise<string | null> =>
    (await gradio.post("/queue/join", body, headers)).headers.get("access-control-allow-origin");
  expect(await allowed(local, {})).toBe(local.origin);
  expect(await allowed({ origin: "https://evil.example" }, {})).toBeNull();
  expect(await allowed(local, { data: [], fn_index: 99, session_hash: "s" })).toBeNull();
  const asked = { ...local, "access-control-request-method": "POST", "access-control-request-headers": "x-a" };
  const preflight = await gradio.get("/gradio_api/queue/join", { method: "OPTIONS", headers: asked });
  expect(preflight.headers.get("access-control-allow-headers")).toBe("x-a");
  await app.close();
});

test("an uploaded file reaches the function as a File, and can be fetched again", async () => {
  const app = await serveApp(
    {
      "/size": endpoint({
        inputs: [file("file")],
        outputs: [json("seen"), file("same")],
        fn: (given: File) => [{ name: given.name, size: given.size }, given],
      }),
    },
    { maxFileSize: 10 },
  );
  const gradio = wire(app);
  const form = new FormData();
  form.append("files", new Blob(["hello"]), "../a b#.txt");
  const [path]: string[] = await (await gradio.get("/gradio_api/upload", { method: "POST", body: form })).json();
  expect(path).toMatch(/\/a b#\.txt$/);
  const data = [{ path, meta: { _type: "gradio.FileData" } }];
  const result: { data: [unknown, { path: string; url: string }] } = await (
    await gradio.post("/run/size", { data })
  ).json();
  expect(result.data[0]).toEqual({ name: "a b#.txt", size: 5 });
  expect(result.data[1].path).toBe(path);
  expect(await (await fetch(result.data[1].url)).text()).toBe("hello");
  expect((await gradio.post("/run/size", { data: [{ path }] })).status).toBe(500);
  expect((await gradio.get("/gradio_api/file=/etc/passwd")).status).toBe(403);
  await app.close();
});

test("a file over the limit is rejected with 413, in plain text", async () => {
  const form = new FormData();
  form.append("files", new Blob(["x".repeat(11)]), "x.txt");
  const refused = await wire(createApp(echo, { maxFileSize: 10 })).get("/gradio_api/upload", {
    method: "POST",
    body: form,
  });
  expect(refused.status).toBe(413);
  expect(await refused.text()).toBe("File size exceeded maximum allowed size of 10 bytes.");
});

test("a range of a file is sent on request", async () => {
  const gradio = wire(
    createApp({ "/make": endpoint({ outputs: [file("made")], fn: () => new File(["hello"], "a.txt") }) }),
  );
  const made: { data: [{ path: string }] } = await (await gradio.post("/run/make", { data: [] })).json();
  const part = await gradio.get(`/gradio_api/file=${made.data[0].path}`, { headers: { range: "bytes=1-" } });
  expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 1-4/5", "ello"]);
});

test("a direct call returns a generator's first value, without the queue", async () => {
  const app = createApp({
    *"/count"() {
      yield 1;
      yield 2;
    },
  });
  const answer: { data: unknown } = await (await wire(app).post("/run/count", { data: [] })).json();
  expect(answer.data).toEqual([1]);
  expect(app.running).toBe(0);
});

test("the simple call streams whole values by the names of the parameters", async () => {
  const gradio = wire(
    createApp({
      "/grow": endpoint({
        inputs: [number("times")],
        outputs: [textbox("text")],
        fn: function* (times: number) {
          for (let count = 1; count <= times; count += 1) yield "x".repeat(count);
        },
      }),
    }),
  );
  const joined: { event_id: string } = await (await gradio.post("/call/v2/grow", { times: 2 })).json();
  const stream = await gradio.get(`/gradio_api/call/grow/${joined.event_id}`);
  const events = ['event: generating\ndata: ["x"]', 'event: generating\ndata: ["xx"]', 'event: complete\ndata: ["xx"]'];
  expect(await stream.text()).toBe(`${events.join("\n\n")}\n\n`);
});
