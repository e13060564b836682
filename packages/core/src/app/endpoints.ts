import type { AppConfig, Component } from "./config.ts";
import { type Fields, fieldsOf, isFields, list, number, text } from "../fields.ts";

/** A JSON schema, as the app gives it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** One parameter of an endpoint. */
export interface ParameterInfo {
  /** Name to pass it by; `null` where the app gives none (before Gradio 4.23): then it goes by position only. */
  name: string | null;
  /** The component's label. */
  label: string;
  /** JSON schema of the values that it takes. */
  type: JsonSchema;
  /** Whether it may be left out. */
  hasDefault: boolean;
  /** What is sent when it is left out; `null` where `hasDefault` is `false`. */
  default: unknown;
  /** Kind of component, such as `"Textbox"`. */
  component: string;
  /** Whether the parameter itself is a file, a list of files, or holds files somewhere in it; else `null`. */
  file: "one" | "many" | "inside" | null;
}

/** One output of an endpoint. */
export interface ReturnInfo {
  label: string;
  /** JSON schema of the values that it gives. */
  type: JsonSchema;
  component: string;
  /** Whether it gives files, at any depth. */
  givesFiles: boolean;
}

/** One endpoint of the app, as a caller sees it. */
export interface EndpointInfo {
  /** API name with its slash; for a function without one, its index in words: `"fn 3"`. */
  name: string;
  /** The function's index in the app. */
  index: number;
  /** What it takes, states left out. */
  parameters: readonly ParameterInfo[];
  /** What it gives, states left out. */
  returns: readonly ReturnInfo[];
  /** What the app says that it does; `""` where it says nothing. */
  description: string;
  /** Whether it gives more than one output in time. */
  generator: boolean;
  /** Whether its input is a stream of chunks: see `Job.send`. */
  stream: boolean;
  /** An undocumented endpoint can be called, but the app does not show it; a private one cannot be called. */
  visibility: "public" | "undocumented" | "private";
}

/** An endpoint with what the wire needs to know of it. */
export interface Endpoint extends EndpointInfo {
  /** What a caller sees, without the rest. */
  info: EndpointInfo;
  /** For each input of the function, the position of its parameter; `null` for a state. */
  slots: readonly (number | null)[];
  /** How many outputs the function has, states included. */
  outputs: number;
  /** Positions, among them, of those that the caller sees. */
  visible: readonly number[];
  /** Whether the function takes a Hub login. */
  login: boolean;
  /** Whether the function reads or writes state, or lives in one session only. */
  stateful: boolean;
  /** Whether the function is called by way of the queue: where the app has none, it is called directly. */
  queued: boolean;
  hasBackend: boolean;
  isCancel: boolean;
}

/**
 * The app's endpoints, from its configuration and its description of them (PROTOCOL.md, 1.4 and 1.6).
 *
 * @param description - the body of `/info`; `null` where the app has none to give: the configuration is enough to call.
 */
export function describeEndpoints(config: AppConfig, description: unknown): Endpoint[] {
  return config.dependencies.map((fields, position) => endpoint(fields, position, config, description));
}

function endpoint(fields: Fields, position: number, config: AppConfig, description: unknown): Endpoint {
  const index = number(fields["id"]) ?? position;
  const apiName = text(fields["api_name"]);
  const name = apiName ? `/${apiName.replace(/^\//, "")}` : `fn ${index}`;
  const said = described(description, name, index);
  const types = fieldsOf(fields["types"]);
  const inputs = components(config, fields["inputs"]);
  const outputs = components(config, fields["outputs"]);
  const shown = inputs.filter((input) => !input.hidden);
  const parameters = list(said["parameters"]);
  const returns = list(said["returns"]);
  // It renders part of the app, or was rendered itself.
  const ofSession = number(fields["render_id"]) !== null || number(fields["rendered_in"]) !== null;
  const info: EndpointInfo = {
    name,
    index,
    parameters: shown.map((input, at) => parameter(input, parameters[at] ?? {})),
    returns: outputs.filter((output) => !output.hidden).map((output, at) => returned(output, returns[at] ?? {})),
    description: text(said["description"]) ?? text(fields["api_description"]) ?? "",
    generator: types["generator"] === true,
    stream: fields["connection"] === "stream",
    visibility: visibility(fields),
  };
  let slot = 0;
  return {
    ...info,
    info,
    slots: inputs.map((input) => (input.hidden ? null : slot++)),
    outputs: outputs.length,
    visible: outputs.flatMap((output, at) => (output.hidden ? [] : [at])),
    login: text(said["oauth_token"]) !== null,
    stateful: ofSession || [...inputs, ...outputs].some((one) => one.type === "state"),
    queued: config.queue,
    hasBackend: fields["backend_fn"] !== false,
    isCancel: types["cancel"] === true,
  };
}

/** 6.x names it; before, a function without a name was private, and one could be kept off the page. */
function visibility(fields: Fields): Endpoint["visibility"] {
  const named = fields["api_visibility"];
  if (named === "public" || named === "undocumented" || named === "private") return named;
  if (fields["api_name"] === false) return "private";
  return fields["show_api"] === false ? "undocumented" : "public";
}

/** The components that a list of ids names. */
function components(config: AppConfig, ids: unknown): Component[] {
  const known = Array.isArray(ids) ? ids.filter((id) => typeof id === "number") : [];
  return known.map((id) => config.components.get(id) ?? { id, type: "", label: null, serialized: null, hidden: false });
}

/** What the description says of one function: by name, or by index where it has none (3.x). */
function described(description: unknown, name: string, index: number): Fields {
  const groups = fieldsOf(description);
  return own(groups["named_endpoints"], name) ?? own(groups["unnamed_endpoints"], String(index)) ?? {};
}

/** An object that stands in another one under a name that is its own. */
function own(around: unknown, key: string): Fields | undefined {
  const found = isFields(around) && Object.hasOwn(around, key) ? around[key] : undefined;
  return isFields(found) ? found : undefined;
}

function parameter(component: Component, info: Fields): ParameterInfo {
  const type = fieldsOf(info["type"]);
  const hasDefault = info["parameter_has_default"] === true;
  return {
    name: text(info["parameter_name"]),
    label: text(info["label"]) ?? component.label ?? component.type,
    type,
    hasDefault,
    default: hasDefault ? (info["parameter_default"] ?? null) : null,
    component: text(info["component"]) ?? component.type,
    file: component.serialized ? component.serialized.takes(type) : fileKind(type),
  };
}

function returned(component: Component, info: Fields): ReturnInfo {
  const type = fieldsOf(info["type"]);
  return {
    label: text(info["label"]) ?? component.label ?? component.type,
    type,
    component: text(info["component"]) ?? component.type,
    // Without a description every output may hold files.
    givesFiles: component.serialized?.gives ?? (!Object.hasOwn(info, "type") || mentionsFiles(type)),
  };
}

/** A file's schema may stand behind a reference. */
function fileKind(type: Fields): ParameterInfo["file"] {
  if (!mentionsFiles(type)) return null;
  const resolve = (one: Fields): Fields => {
    const name = text(one["$ref"])?.split("/").at(-1);
    return (name !== undefined && own(type["$defs"], name)) || one;
  };
  const whole = resolve(type);
  if (isFileSchema(whole)) return "one";
  return isFileSchema(resolve(fieldsOf(whole["items"]))) ? "many" : "inside";
}

/** Whether a schema is that of a file: an object with `path` and `meta`; before 4.21 with `path` and `orig_name`. */
export function isFileSchema({ properties }: Fields): boolean {
  return isFields(properties) && "path" in properties && ("meta" in properties || "orig_name" in properties);
}

/** A schema of files has them by the fixed `_type` of their `meta`, however deep; before 4.21 by their `orig_name`. */
function mentionsFiles(type: Fields): boolean {
  const words = JSON.stringify(type);
  return words.includes('"gradio.FileData"') || words.includes('"orig_name":');
}
