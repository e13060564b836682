import { type AppConfig, type Component, plainText } from "./config.ts";
import { type Fields, fieldsOf, isFields, list, number, text } from "../fields.ts";

/** A JSON schema, as the app gives it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** One value that a parameter takes. */
export interface Choice {
  /** Text that the app's page shows for it. */
  label: string;
  /** Value to pass. */
  value: string | number | boolean;
}

/** One parameter of an endpoint. */
export interface ParameterInfo {
  /** Name to pass it by; `null` where the app gives none (before Gradio 4.23): then it is passed by position only. */
  name: string | null;
  /** The component's label. */
  label: string;
  /** JSON schema of the values that it takes. */
  type: JsonSchema;
  /** Whether it may be left out. */
  hasDefault: boolean;
  /** Value that is sent when it is left out; `null` where `hasDefault` is `false`. */
  default: unknown;
  /** Kind of component, such as `"Textbox"`. */
  component: string;
  /** Whether the parameter itself is a file, a list of files, or holds files somewhere in it; else `null`. */
  file: "one" | "many" | "inside" | null;
  /** A value as the app gives it for an example; `null` where it gives none. */
  example: unknown;
  /** The component's own text on what to give; `null` where it has none. */
  help: string | null;
  /** Values to choose from; of a list parameter, the values of its elements. `null` where any value may be given. */
  choices: readonly Choice[] | null;
  /** Whether other values than the choices are taken, too. */
  openChoices: boolean;
  /** Smallest number that is taken; `null` where there is no limit. */
  minimum: number | null;
  /** Largest number that is taken; `null` where there is no limit. */
  maximum: number | null;
}

/** One output of an endpoint. */
export interface ReturnInfo {
  label: string;
  /** JSON schema of the values that it gives. */
  type: JsonSchema;
  component: string;
  /**
   * Whether the output itself is a file, a list of files, or may hold files somewhere in it; else `null`. An output that the
   * app does not describe may hold files.
   */
  file: "one" | "many" | "inside" | null;
}

/** One endpoint of the app, as a caller sees it. */
export interface EndpointInfo {
  /** API name with its slash; for a function without one, its index in words: `"fn 3"`. */
  name: string;
  /** The function's index in the app. */
  index: number;
  /** Parameters, states left out. */
  parameters: readonly ParameterInfo[];
  /** Outputs, states left out. */
  returns: readonly ReturnInfo[];
  /** The app's description of it; `""` where the app gives none. */
  description: string;
  /** Whether it gives more than one output in time. */
  generator: boolean;
  /** Whether its input is a stream of chunks: see `Job.send`. */
  stream: boolean;
  /** Whether its calls read or write state that the app keeps for the session, or it exists in one session only. */
  stateful: boolean;
  /** Whether its calls wait in the app's queue. */
  queued: boolean;
  /** Maximum number of calls that the app runs together, as one batch; 1 where it does not batch. */
  batchSize: number;
  /** Maximum number of its calls that run at once; `null` where the app does not say. */
  concurrency: number | null;
  /** An undocumented endpoint can be called, but the app does not show it; a private one cannot be called. */
  visibility: "public" | "undocumented" | "private";
}

/** An endpoint with what the wire needs to know of it. */
export interface Endpoint extends EndpointInfo {
  /** The public part. */
  info: EndpointInfo;
  /** For each input of the function, the position of its parameter; `null` for a state. */
  slots: readonly (number | null)[];
  /** Number of outputs of the function, states included. */
  outputs: number;
  /** Positions, among them, of those that the caller sees. */
  visible: readonly number[];
  /** Whether the function takes a Hub login. */
  login: boolean;
  /** Whether the function can be called through the queue: where the app has none, it is called directly. */
  joinable: boolean;
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
    parameters: shown.map((input, at) => parameter(input, parameters[at] ?? {}, config)),
    returns: outputs
      .filter((output) => !output.hidden)
      .map((output, at) => returned(output, returns[at] ?? {}, config)),
    description: text(said["description"]) ?? text(fields["api_description"]) ?? "",
    generator: types["generator"] === true,
    stream: fields["connection"] === "stream",
    stateful: ofSession || [...inputs, ...outputs].some((one) => one.type === "state"),
    // `null` is the app's default: its queue.
    queued: config.queue && fields["queue"] !== false,
    batchSize: fields["batch"] === true ? (number(fields["max_batch_size"]) ?? 1) : 1,
    concurrency: number(fields["concurrency_limit"]),
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
    joinable: config.queue,
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
  return known.map(
    (id) => config.components.get(id) ?? { id, type: "", label: null, props: {}, serialized: null, hidden: false },
  );
}

/** Description of one function: by name, or by index where it has no name (3.x). */
function described(description: unknown, name: string, index: number): Fields {
  const groups = fieldsOf(description);
  return own(groups["named_endpoints"], name) ?? own(groups["unnamed_endpoints"], String(index)) ?? {};
}

/** An object that stands in another one under a name that is its own. */
function own(around: unknown, key: string): Fields | undefined {
  const found = isFields(around) && Object.hasOwn(around, key) ? around[key] : undefined;
  return isFields(found) ? found : undefined;
}

function parameter(component: Component, info: Fields, { translations }: AppConfig): ParameterInfo {
  const type = fieldsOf(info["type"]);
  const hasDefault = info["parameter_has_default"] === true;
  return {
    name: text(info["parameter_name"]),
    label: plainText(info["label"], translations) ?? component.label ?? component.type,
    type,
    hasDefault,
    default: hasDefault ? (info["parameter_default"] ?? null) : null,
    component: text(info["component"]) ?? component.type,
    file: component.serialized ? component.serialized.takes(type) : fileKind(type),
    example: info["example_input"] ?? null,
    help: plainText(component.props["info"], translations),
    choices: choices(component.props["choices"]) ?? choices(enumOf(type)),
    openChoices: component.props["allow_custom_value"] === true,
    minimum: number(component.props["minimum"]) ?? number(type["minimum"]),
    maximum: number(component.props["maximum"]) ?? number(type["maximum"]),
  };
}

/** Choices as a component lists them: pairs of label and value, or (Gradio 3) bare values. `null` for an empty list. */
function choices(given: unknown): Choice[] | null {
  if (!Array.isArray(given)) return null;
  const found = given.flatMap((one: unknown): Choice[] => {
    const [label, value] = Array.isArray(one) ? (one as unknown[]) : [one, one];
    const isValue = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isValue ? [{ label: text(label) ?? String(value), value }] : [];
  });
  return found.length > 0 ? found : null;
}

/** The values that a schema, or that of its elements, is limited to. */
function enumOf(type: Fields): unknown {
  return type["enum"] ?? fieldsOf(type["items"])["enum"];
}

function returned(component: Component, info: Fields, { translations }: AppConfig): ReturnInfo {
  const type = fieldsOf(info["type"]);
  return {
    label: plainText(info["label"], translations) ?? component.label ?? component.type,
    type,
    component: text(info["component"]) ?? component.type,
    file: returnedFiles(component, info, type),
  };
}

/** Files in an output. Without a description every output may hold files. */
function returnedFiles({ serialized }: Component, info: Fields, type: Fields): ReturnInfo["file"] {
  if (serialized) return serialized.gives ? (serialized.takes(type) ?? "inside") : null;
  return Object.hasOwn(info, "type") ? fileKind(type) : "inside";
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
