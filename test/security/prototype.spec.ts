import { ProtocolError } from "#sdk";
import { afterEach, expect, test } from "vitest";
import { gave, hostileApp } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__"];
const polluted = '{"polluted":true,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';

/** Values that were added to `Object.prototype`. */
const added = (): string[] =>
  [Object, Object.prototype, Array, Array.prototype, Function.prototype].flatMap((shared) => Object.keys(shared));

afterEach(() => {
  if (added().length > 0) throw new Error(`A prototype was polluted: ${added().join(", ")}`);
});

const generating = (data: unknown[]): object => ({
  msg: "process_generating",
  event_id: "$ID",
  success: true,
  output: { data },
});

test("keys of the prototype in a value are ordinary keys", async () => {
  const app = await hostileApp({
    messages: [
      `data: {"msg":"process_completed","event_id":"$ID","success":true,"output":{"data":[${polluted}]},"__proto__":{"success":false}}\n\n`,
    ],
  });
  const client = await connect(app.url);
  const value = await client.predict<Record<string, unknown>>("/echo", [JSON.parse(polluted)]);
  expect(JSON.stringify(value)).toBe(polluted);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(JSON.parse(app.of("/queue/join")[0]!.body)).toMatchObject({ data: [JSON.parse(polluted)] });
  expect(app.of("/queue/join")[0]!.body).toContain(polluted);
});

test.each([
  ["through __proto__", [["add", ["__proto__", "polluted"], true]]],
  ["through constructor.prototype", [["add", ["constructor", "prototype", "polluted"], true]]],
  ["through a list's prototype", [["add", ["list", "__proto__", "polluted"], true]]],
  ["to a huge index", [["add", ["list", 4_294_967_294], true]]],
  ["to an index beyond numbers", [["add", ["list", 1e300], true]]],
  ["to a negative index", [["replace", ["list", -1], true]]],
  ["to half an index", [["replace", ["list", 0.5], true]]],
  ["to an index in words", [["replace", ["list", "0"], true]]],
  ["to a list's length", [["replace", ["list", "length"], 4_000_000_000]]],
])("an edit that leads %s fails only its call", async (_, edits) => {
  const app = await hostileApp({ messages: [generating([{ list: [1] }]), generating([edits])] });
  const client = await connect(app.url);
  const job = client.submit("/echo", ["x"]);
  expect(await thrown(job.result())).toBeInstanceOf(ProtocolError);
  expect(job.outputs()).toEqual([{ list: [1] }]);
});

test("an edit that sets __proto__ sets an ordinary key", async () => {
  const app = await hostileApp({
    messages: [generating([{}]), generating([[["add", ["__proto__"], { polluted: true }]]]), gave(1)],
  });
  const job = (await connect(app.url)).submit<object>("/echo", ["x"]);
  await job.result();
  const last = job.outputs().at(-1)!;
  expect(Object.keys(last)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(last)).toBe(Object.prototype);
});

test.each(names)("%s is an ordinary event id, endpoint and parameter", async (name) => {
  const dependency = { id: 0, api_name: name, inputs: [1], outputs: [1], backend_fn: true, queue: true };
  const parameter = { parameter_name: name, label: name, type: {}, component: "Json" };
  const app = await hostileApp({
    config: { dependencies: [dependency] },
    trick: ({ url }, response) => {
      if (url.includes("/info"))
        response.end(`{"named_endpoints":{"/${name}":{"parameters":[${JSON.stringify(parameter)}],"returns":[]}}}`);
      else if (url.includes("/queue/join")) response.end(JSON.stringify({ event_id: name }));
      else if (url.includes("/queue/data"))
        response.end(
          `data: {"msg":"process_completed","event_id":"${name}","success":true,"output":{"data":["mine"]}}\n\n`,
        );
      else return false;
      return true;
    },
  });
  const client = await connect(app.url);
  expect(client.endpoints[0]?.parameters[0]?.name).toBe(name);
  expect(await client.predict(name, JSON.parse(`{"${name}":5}`))).toBe("mine");
  expect(JSON.parse(app.of("/queue/join")[0]!.body)).toMatchObject({ data: [5] });
  // A name that every object inherits is not an argument that was passed.
  expect(await thrown(client.predict(name, {}))).toMatchObject({ code: "input", parameter: name });
});

test.each(names)("a schema that refers to %s, and an inherited endpoint, are ignored", async (name) => {
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.includes("/info")) return false;
      const type = { items: { $ref: `#/$defs/${name}` }, $defs: {}, about: "gradio.FileData" };
      response.end(
        JSON.stringify({
          named_endpoints: { "/echo": { parameters: [{ parameter_name: "value", type }], returns: [] } },
        }),
      );
      return true;
    },
  });
  const client = await connect(app.url);
  expect(["one", "many"]).not.toContain(client.endpoints[0]?.parameters[0]?.file);
  expect(await thrown(client.predict(name, []))).toMatchObject({ code: "input" });
});

test("messages for ids of the prototype belong to no call", async () => {
  const app = await hostileApp({
    messages: [
      ...names.map((id) => ({ msg: "process_completed", event_id: id, success: true, output: { data: ["not mine"] } })),
      gave("mine"),
    ],
  });
  expect(await (await connect(app.url)).predict("/echo", ["x"])).toBe("mine");
});

test.each(names)("the result of a validator for %s is reported as data", async (name) => {
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.includes("/queue/join")) return false;
      response.writeHead(422, { "content-type": "application/json" });
      response.end(`{"detail":[{"is_valid":false,"parameter_name":"${name}","message":"no"}]}`);
      return true;
    },
  });
  const error = await thrown((await connect(app.url)).predict("/echo", ["x"]));
  const { fieldErrors } = error as { fieldErrors: Record<string, string> };
  expect(Object.entries(fieldErrors)).toEqual([[name, "no"]]);
});

test("inherited options, and options with names of the prototype, are not options", async () => {
  const app = await hostileApp();
  const client = await connect(app.url);
  for (const name of names)
    expect(await thrown(client.predict("/echo", ["x"], JSON.parse(`{"${name}":1}`)))).toMatchObject({
      code: "input",
      parameter: name,
    });
});
