import { expect, test } from "vitest";
import type { EndpointInfo, ParameterInfo } from "../app/endpoints.ts";
import { makeTools } from "./tools.ts";

const parameter = (more: Partial<ParameterInfo>): ParameterInfo => ({
  name: null,
  label: "label",
  type: { type: "string" },
  hasDefault: false,
  default: null,
  component: "Textbox",
  file: null,
  example: null,
  help: null,
  choices: null,
  openChoices: false,
  minimum: null,
  maximum: null,
  ...more,
});

/** Tools of one endpoint, and the data of the calls that were made. */
function toolsOf(parameters: readonly ParameterInfo[]) {
  const calls: unknown[] = [];
  const about = { description: "", generator: false, stream: false, visibility: "public" as const };
  const run = { stateful: false, queued: true, batchSize: 1, concurrency: null };
  const endpoint: EndpointInfo = { name: "/f", index: 0, parameters, returns: [], ...about, ...run };
  const predict = async (_: string, data: unknown): Promise<unknown> => calls.push(data);
  const app = { url: "http://app.test/", title: "App", endpoints: [endpoint], predict };
  return { calls, ...makeTools(app, { format: "mcp" }) };
}

test("a default of null makes null a value of the argument", () => {
  const types = [{ type: "string" }, {}, { enum: ["a"] }];
  const parameters = types.map((type, at) => parameter({ name: `p${at}`, type, hasDefault: true }));
  const [tool] = toolsOf(parameters).tools;
  expect(tool!.inputSchema).toMatchObject({
    required: [],
    properties: {
      p0: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
      p1: { anyOf: [{}, { type: "null" }] },
      p2: { anyOf: [{ enum: ["a"] }, { type: "null" }] },
    },
  });
});

test("arguments of an app that names no parameters are passed by position", async () => {
  const { tools, call, calls } = toolsOf([parameter({}), parameter({ hasDefault: true, default: "x" })]);
  expect(tools[0]!.inputSchema).toMatchObject({ required: ["argument_0"] });
  await call("f", { argument_1: "b", argument_0: "a" });
  expect(calls).toEqual([["a", "b"]]);
});

test("null leaves out an argument whose default is another value; else it is sent", async () => {
  const { call, calls } = toolsOf([
    parameter({ name: "a", hasDefault: true, default: "x" }),
    parameter({ name: "b", hasDefault: true }),
    parameter({ name: "c" }),
  ]);
  await call("f", { a: null, b: null, c: null });
  expect(calls).toEqual([{ b: null, c: null }]);
});

test("the address of the app's own file is that file, in a file's place alone", async () => {
  const { call, calls } = toolsOf([parameter({ name: "file", file: "many" }), parameter({ name: "text" })]);
  const own = "http://app.test/gradio_api/file=/tmp/a%20b.txt";
  await call("f", { file: [own, "http://other.test/file=/x"], text: own });
  expect(calls).toMatchObject([{ file: [{ path: "/tmp/a b.txt", url: own }, "http://other.test/file=/x"], text: own }]);
});
