import { dataOf } from "./data.ts";
import { type EndpointInfo, withSlash } from "../app/endpoints.ts";
import { fieldsOf, listed } from "../fields.ts";
import { didYouMean } from "../closest.ts";
import { InputError } from "../errors.ts";
import type { StatusEvent } from "../events.ts";
import { inputSchema, type ToolSchema } from "./schema.ts";

/** Format of the tools: those of MCP, of OpenAI's Chat Completions and Responses, and of the AI SDK. */
export type ToolFormat = "mcp" | "openai" | "openai-responses" | "ai";

/** Options of `Client.toTools`. */
export interface ToolOptions<Format extends ToolFormat = ToolFormat> {
  format: Format;
  /** Names of the endpoints, with or without the slash. Default: all public endpoints except those whose input is a stream. */
  endpoints?: readonly string[] | undefined;
  /** Text before the name of each tool. Default none. */
  prefix?: string | undefined;
}

/** A tool as MCP lists it. */
export interface McpTool {
  name: string;
  title: string;
  description: string;
  inputSchema: ToolSchema & { type: "object" };
}

/** A tool of OpenAI's Chat Completions. */
export interface OpenAiTool {
  type: "function";
  function: { name: string; description: string; parameters: ToolSchema };
}

/** A tool of OpenAI's Responses. */
export interface OpenAiResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: ToolSchema;
  /** Always `false`: a strict schema cannot have optional arguments. */
  strict: false;
}

/** A schema as Standard JSON Schema gives it. */
export interface StandardToolSchema {
  "~standard": {
    version: 1;
    vendor: string;
    validate: (value: unknown) => { value: Record<string, unknown> };
    jsonSchema: { input: () => ToolSchema; output: () => ToolSchema };
    types?: { input: Record<string, unknown>; output: Record<string, unknown> } | undefined;
  };
}

/** A tool of the AI SDK. */
export interface AiTool {
  description: string;
  inputSchema: StandardToolSchema;
  execute: (args: Record<string, unknown>, options?: { abortSignal?: AbortSignal | undefined }) => Promise<unknown>;
}

/** The tools of each format. */
export interface ToolsOf {
  mcp: McpTool[];
  openai: OpenAiTool[];
  "openai-responses": OpenAiResponsesTool[];
  ai: Record<string, AiTool>;
}

/** Options of one call of a tool. */
export interface ToolCallOptions {
  /** Aborts the call, and cancels it at the app. */
  signal?: AbortSignal | undefined;
  /** Called with each change of status. */
  onStatus?: ((event: StatusEvent) => void) | undefined;
}

/**
 * Calls a tool by its name.
 *
 * @param args - the arguments, as an object or as JSON text.
 * @returns the result of `predict`.
 * @throws InputError for an unknown tool, and for arguments that are not an object; the errors of `predict`.
 */
export type CallTool = (
  name: string,
  args?: Readonly<Record<string, unknown>> | string,
  options?: ToolCallOptions,
) => Promise<unknown>;

/** Endpoints as tools for agents, and a function that calls them. */
export interface Tools<Format extends ToolFormat = ToolFormat> {
  tools: ToolsOf[Format];
  call: CallTool;
}

/** Calls an endpoint as `Client.predict` does. */
export type Predict = (endpoint: string, data: unknown, options: ToolCallOptions) => Promise<unknown>;

/** One tool, before it has a format. */
interface Described {
  name: string;
  description: string;
  endpoint: EndpointInfo;
  /** Returns a new schema of its arguments, because some libraries change the schema. */
  schema: () => ToolSchema;
}

/** The app whose endpoints become tools. */
export interface ToolApp {
  /** URL of the app, with a slash at its end. */
  url: string;
  title: string | null;
  endpoints: readonly EndpointInfo[];
  predict: Predict;
}

/**
 * Makes tools of an app's endpoints.
 *
 * @throws InputError for an unknown format or endpoint.
 */
export function makeTools<Format extends ToolFormat>(app: ToolApp, options: ToolOptions<Format>): Tools<Format> {
  const described = describeTools(app, options);
  const call: CallTool = async (name, args = {}, given = {}) => {
    const found = described.find((tool) => tool.name === name);
    if (!found)
      throw unknown(
        "tool",
        name,
        described.map((tool) => tool.name),
      );
    return await app.predict(found.endpoint.name, dataOf(found.endpoint, args, app.url), given);
  };
  const { format } = options;
  if (!Object.hasOwn(formats, format)) throw unknown("format of tools", format, Object.keys(formats));
  return { tools: formats[format](described, call), call };
}

const formats: { [Format in ToolFormat]: (described: readonly Described[], call: CallTool) => ToolsOf[Format] } = {
  mcp: (described) =>
    described.map(({ name, description, endpoint, schema }) => {
      const title = endpoint.name.slice(1);
      return { name, title, description, inputSchema: { ...schema(), type: "object" } };
    }),
  openai: (described) =>
    described.map(({ name, description, schema }) => {
      return { type: "function", function: { name, description, parameters: schema() } };
    }),
  "openai-responses": (described) =>
    described.map(({ name, description, schema }) => {
      return { type: "function", name, description, parameters: schema(), strict: false };
    }),
  ai: (described, call) =>
    Object.fromEntries(
      described.map(({ name, description, schema }) => {
        const execute: AiTool["execute"] = (args, options) => call(name, args, { signal: options?.abortSignal });
        return [name, { description, inputSchema: standardSchema(schema), execute }];
      }),
    ),
};

/** Maximum number of characters of a tool's name. */
const LONGEST = 64;

/** Returns the endpoints that become tools, each with a unique name that is valid in every format. */
function describeTools(
  { url, title, endpoints }: ToolApp,
  { endpoints: wanted, prefix = "" }: ToolOptions,
): Described[] {
  const chosen = wanted
    ? wanted.map((name) => {
        const found = endpoints.find((one) => one.name === withSlash(name));
        if (!found)
          throw unknown(
            "endpoint",
            name,
            endpoints.map((one) => one.name),
          );
        return found;
      })
    : endpoints.filter(({ stream }) => !stream);
  const taken = new Set<string>();
  return chosen.map((endpoint) => {
    const name = toolName(`${prefix}${endpoint.name.slice(1)}`, taken);
    taken.add(name);
    return { name, description: describe(endpoint, title ?? url), endpoint, schema: () => inputSchema(endpoint) };
  });
}

function toolName(wanted: string, taken: ReadonlySet<string>): string {
  const clean = wanted.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, LONGEST) || "_";
  for (let count = 1; ; count++) {
    const ending = count === 1 ? "" : `_${count}`;
    const name = `${clean.slice(0, LONGEST - ending.length)}${ending}`;
    if (!taken.has(name)) return name;
  }
}

/** Returns the description of an endpoint for a model: the app's own text, and the labels of the outputs. */
function describe({ name, description, returns }: EndpointInfo, title: string): string {
  const outputs = returns.map(({ label }) => label).join(", ") || "nothing";
  return `${description || `${title}: ${name}.`}\nReturns ${outputs}.`;
}

function standardSchema(schema: () => ToolSchema): StandardToolSchema {
  // The app validates the values.
  const validate = (value: unknown): { value: Record<string, unknown> } => ({ value: { ...fieldsOf(value) } });
  return { "~standard": { version: 1, vendor: "gradio-rx", validate, jsonSchema: { input: schema, output: schema } } };
}

function unknown(kind: string, name: string, known: readonly string[]): InputError {
  return new InputError(
    `There is no ${kind} ${JSON.stringify(name)}.${didYouMean(name, known)} There is: ${listed(known)}.`,
  );
}
