import { Client, handleFile, InputError, type StatusEvent } from "@gradio-rx/node";
import * as gr from "@gradio-rx/testing";
import { generateText } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type OpenAI from "openai";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { appUrl } from "../contract/place.ts";
import { embedded, serve } from "./app.ts";

vi.setConfig({ testTimeout: 60_000 });

async function connect(url: string): Promise<Client> {
  const client = await Client.connect(url);
  onTestFinished(() => client.close());
  return client;
}

const file = {
  type: "object",
  properties: { path: { type: "string" }, meta: { default: { _type: "gradio.FileData" } } },
};
const messages = {
  $defs: {
    Message: { type: "object", properties: { file, next: { $ref: "#/$defs/Message" } }, required: ["file", "gone"] },
  },
  type: "array",
  items: { $ref: "#/$defs/Message" },
};

/** Endpoints whose schemas are not valid draft 2020-12. */
function odd(): Record<string, gr.Endpoint> {
  const made = (type: string, schema: unknown, options: gr.ComponentOptions = {}): gr.Component =>
    gr.component(type, `a ${type}`, options, { schema: schema as gr.Schema });
  return {
    odd: gr.endpoint({
      inputs: [
        made("json", { type: {}, description: "any valid json" }),
        made(
          "choice",
          { type: "string", enum: ["a", 2] },
          {
            choices: [
              ["A", "a"],
              ["Two", 2],
            ],
            info: "Pick one.",
          },
        ),
        made("open", { type: "string" }, { choices: ["x"], allow_custom_value: true, value: "x" }),
        made("messages", messages),
        gr.image("image"),
        gr.file("files", { file_count: "multiple" }),
        made("tuple", { type: "array", prefixItems: [{ type: "string" }, { type: "nonsense" }] }),
        gr.slider("level", { minimum: 0, maximum: 10, value: 5 }),
        made("strange", {
          enum: [],
          required: "no",
          properties: 7,
          type: ["string", "strange"],
          additional_description: 3,
        }),
      ],
      outputs: [gr.textbox("said")],
      parameters: ["json", "choice", "open", "messages", "image", "files", "tuple", "level", "strange"],
      description: "Does odd things.",
      fn: (...given: unknown[]) => JSON.stringify(given),
    }),
    "a/b c": gr.endpoint({ inputs: [], outputs: [gr.textbox("output")], fn: () => "slash" }),
    "a_b c": gr.endpoint({ inputs: [], outputs: [], fn: () => [] }),
    ["x".repeat(80)]: gr.endpoint({ inputs: [], outputs: [], fn: () => [] }),
    listen: gr.endpoint({ inputs: [gr.audio("chunk")], outputs: [gr.textbox()], connection: "stream", fn: () => "" }),
  };
}

describe("schemas", () => {
  test("are valid draft 2020-12 for any app, without references, and say what is required", async () => {
    const client = await connect((await serve(odd(), { title: "Odd" })).url);
    const { tools } = client.toTools({ format: "mcp" });
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
    for (const { inputSchema } of tools) expect(ajv.validateSchema(inputSchema), ajv.errorsText()).toBe(true);
    const { inputSchema, description } = tools[0]!;
    expect(ajv.compile(inputSchema)({})).toBe(false);
    expect(description).toBe("Does odd things.\nReturns said.");
    expect(JSON.stringify(inputSchema)).not.toContain("$ref");
    expect(inputSchema).toMatchObject({
      type: "object",
      required: ["json", "choice", "messages", "image", "files", "tuple", "strange"],
      properties: {
        json: { title: "a json" },
        choice: { enum: ["a", 2], title: "a choice", description: "Pick one." },
        open: { type: "string", default: "x" },
        messages: { type: "array", items: { properties: { file: { type: "string" } }, required: ["file", "gone"] } },
        image: { type: "string", description: "URL of a file" },
        files: { type: "array", items: { type: "string" } },
        tuple: { type: "array" },
        level: { type: "number", minimum: 0, maximum: 10, default: 5 },
        strange: { type: "string" },
      },
    });
  });

  test("of real Gradio's components are valid", async () => {
    const client = await connect(await appUrl("components"));
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
    for (const { name, inputSchema } of client.toTools({ format: "mcp" }).tools)
      expect(ajv.validateSchema(inputSchema), `${name}: ${ajv.errorsText()}`).toBe(true);
  });
});

test("names are those of the endpoints in letters that every format takes, unique and no longer than 64", async () => {
  const client = await connect((await serve(odd())).url);
  const names = client.toTools({ format: "mcp" }).tools.map(({ name }) => name);
  expect(names).toEqual(["odd", "a_b_c", "a_b_c_2", "x".repeat(64)]);
  const chosen = client.toTools({ format: "openai", endpoints: ["odd", "/a/b c"], prefix: "app_" }).tools;
  expect(chosen.map((tool) => tool.function.name)).toEqual(["app_odd", "app_a_b_c"]);
  expect(() => client.toTools({ format: "mcp", endpoints: ["od"] })).toThrow('Did you mean "/odd"?');
  expect(() => client.toTools({ format: "openal" as "mcp" })).toThrow('Did you mean "openai"?');
});

describe("a call", () => {
  test("gives what predict gives, from an object or from JSON, and tells its statuses", async () => {
    const client = await connect((await embedded()).url);
    const { call } = client.toTools({ format: "mcp" });
    const seen: StatusEvent[] = [];
    expect(await call("two", { text: "a", number: 2 }, { onStatus: (event) => void seen.push(event) })).toEqual([
      "A",
      4,
    ]);
    expect(seen.at(-1)?.stage).toBe("complete");
    expect(await call("two", '{"text": "b", "number": 3}')).toEqual(["B", 6]);
    expect(await call("defaults", { text: null, number: 7 })).toBe("hello|7|True|b|0.5");
    expect(await call("nothing_in", "")).toBe("pong");
  });

  test("takes the address of a file as text, at any depth", async () => {
    const client = await connect((await embedded()).url);
    const [given] = await client.upload([handleFile(new Blob(["12345"]), { name: "a.txt" })]);
    const { call } = client.toTools({ format: "mcp" });
    expect(await call("file_info", { file: given!.url })).toMatchObject({ size: 5 });
  });

  test("ends with its signal, at the app as well", async () => {
    const client = await connect((await embedded()).url);
    const { call } = client.toTools({ format: "ai" });
    const abort = new AbortController();
    const onStatus = ({ stage }: StatusEvent): void => {
      if (stage === "generating") abort.abort(new Error("enough"));
    };
    const args = { key: "tools", steps: 1_000, delay: 0.02 };
    await expect(call("watched", args, { signal: abort.signal, onStatus })).rejects.toThrow("enough");
    await vi.waitFor(async () => expect(await call("record", { key: "tools" })).toMatchObject({ stopped: 1 }));
  });

  test.each([
    ["generat", {}, 'There is no tool "generat". Did you mean "generate"?'],
    ["two", "{", "must be an object"],
    ["two", "[]", "must be an object"],
    ["two", { text: "a" }, '"number" of /two is missing'],
    ["two", { text: "a", number: 1, more: 2 }, 'has no parameter "more"'],
  ])("of %s with %j is refused", async (name, args, message) => {
    const app = await embedded();
    const client = await connect(app.url);
    const failed = client.toTools({ format: "mcp" }).call(name, args);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(InputError);
    expect(app.count("POST", "/queue/join")).toBe(0);
  });
});

test("the AI SDK calls them: a model asks, the app answers, the model says it", async () => {
  const client = await connect((await embedded()).url);
  const { tools } = client.toTools({ format: "ai", endpoints: ["two", "generate"] });
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const asked: unknown[] = [];
  const model = new MockLanguageModelV4({
    doGenerate: async ({ tools: given, prompt }) => {
      asked.push({ given, last: prompt.at(-1) });
      const isFirst = asked.length === 1;
      return {
        content: isFirst
          ? [{ type: "tool-call", toolCallId: "1", toolName: "two", input: '{"text":"a","number":2}' }]
          : [{ type: "text", text: "done" }],
        finishReason: { unified: isFirst ? "tool-calls" : "stop", raw: undefined },
        usage,
        warnings: [],
      };
    },
  });
  const { text, steps } = await generateText({
    model,
    tools,
    prompt: "x",
    stopWhen: ({ steps: made }) => made.length === 2,
  });
  expect(text).toBe("done");
  expect(steps[0]!.toolResults[0]).toMatchObject({ toolName: "two", output: ["A", 4] });
  expect(asked[0]).toMatchObject({
    given: [{ name: "two", inputSchema: { type: "object", required: ["text", "number"] } }, { name: "generate" }],
  });
});

test("OpenAI's types take both of its formats", async () => {
  const client = await connect((await embedded()).url);
  const completions: OpenAI.Chat.Completions.ChatCompletionTool[] = client.toTools({ format: "openai" }).tools;
  const responses: OpenAI.Responses.Tool[] = client.toTools({ format: "openai-responses" }).tools;
  expect(completions[1]).toMatchObject({ type: "function", function: { name: "two", parameters: { type: "object" } } });
  expect(responses[1]).toMatchObject({ type: "function", name: "two", parameters: { type: "object" }, strict: false });
});
