import { type AppConfig, type Component, plainText } from "./config.ts";
import { type Fields, fieldsOf, isFields, list, number, text } from "../fields.ts";

/** A JSON schema as the app sent it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** One value that a parameter accepts. */
export interface Choice {
  /** Text that the app's page shows for it. */
  label: string;
  /** Value to pass. */
  value: string | number | boolean;
}

/** One parameter of an endpoint. */
export interface ParameterInfo {
  /** Name of the parameter; `null` where the app gives none (before Gradio 4.23): then it can be passed by position only. */
  name: string | null;
  /** The component's label. */
  label: string;
  /** JSON schema of the values that it accepts. */
  type: JsonSchema;
  /** Whether it may be left out. */
  hasDefault: boolean;
  /** Value that is sent when it is left out; `null` where `hasDefault` is `false`. */
  default: unknown;
  /** Kind of component, such as `"Textbox"`. */
  component: string;
  /** Whether the parameter itself is a file, a list of files, or holds files somewhere in it; else `null`. */
  file: "one" | "many" | "inside" | null;
  /** Example value from the app; `null` where it gives none. */
  example: unknown;
  /** Help text of the component (`info`); `null` where it has none. */
  help: string | null;
  /** Values to choose from; for a list parameter, those of its elements. `null` where any value is accepted. */
  choices: readonly Choice[] | null;
  /** Whether values that are not among the choices are accepted, too. */
  openChoices: boolean;
  /** Minimum number; `null` where there is no limit. */
  minimum: number | null;
  /** Maximum number; `null` where there is no limit. */
  maximum: number | null;
}

/** One output of an endpoint. */
export interface ReturnInfo {
  label: string;
  /** JSON schema of its values. */
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
  /** API name with its slash; for a function without a name, its index, as in `"fn 3"`. */
  name: string;
  /** The function's index in the app. */
  index: number;
  /** Parameters, states left out. */
  parameters: readonly ParameterInfo[];
  /** Outputs, states left out. */
  returns: readonly ReturnInfo[];
  /** Description from the app; `""` where it gives none. */
  description: string;
  /** Whether a call may emit several outputs, one after the other. */
  generator: boolean;
  /** Whether its input is a stream of chunks: see `Job.send`. */
  stream: boolean;
  /** Whether its calls use state that the app keeps for the session, or the endpoint exists in one session only. */
  stateful: boolean;
  /** Whether its calls wait in the app's queue. */
  queued: boolean;
  /** Maximum number of calls that the app runs together, as one batch; 1 where it does not batch. */
  batchSize: number;
  /** Maximum number of its calls that run at once; `null` where the app does not say. */
  concurrency: number | null;
  /** Visibility. An undocumented endpoint can be called but is not listed; a private one cannot be called. */
  visibility: "public" | "undocumented" | "private";
}

/** An endpoint with the facts that sending a call needs. */
export interface Endpoint extends EndpointInfo {
  /** The facts that callers see. */
  info: EndpointInfo;
  /** Position of the parameter for each input of the function; `null` for a state. */
  slots: readonly (number | null)[];
  /** Number of outputs of the function, states included. */
  outputs: number;
  /** Positions, among these, of the outputs that the caller sees. */
  visible: readonly number[];
  /** Whether the function takes a Hub login. */
  login: boolean;
  /** Whether the function is called through the queue. An app without a queue is called directly. */
  joinable: boolean;
  /**
   * Whether a call by its name does what a call by its index does, except for the order of the parameters (PROTOCOL.md, 5.8). Not for a
   * generator, which would send whole outputs, and not for inputs that the app fills in.
   */
  callableByName: boolean;
  hasBackend: boolean;
  isCancel: boolean;
}

/**
 * Returns the app's endpoints, from its configuration and its description (PROTOCOL.md, 1.4 and 1.6).
 *
 * @param description - the body of `/info`; `null` without one: the configuration is enough for calls by position.
 */
export function describeEndpoints(config: AppConfig, description: unknown): Endpoint[] {
  return config.dependencies.map((fields, position) => endpoint(fields, position, config, description));
}

/** Returns an API name with its slash. */
export function withSlash(name: string): string {
  return name.startsWith("/") ? name : `/${name}`;
}

function endpoint(fields: Fields, position: number, config: AppConfig, description: unknown): Endpoint {
  const index = number(fields["id"]) ?? position;
  const apiName = text(fields["api_name"]);
  const name = apiName ? withSlash(apiName) : `fn ${index}`;
  const said = described(description, name, index);
  const types = fieldsOf(fields["types"]);
  const inputs = components(config, fields["inputs"]);
  const outputs = components(config, fields["outputs"]);
  const shown = inputs.filter((input) => !input.hidden);
  const parameters = list(said["parameters"]);
  const returns = list(said["returns"]);
  // The function renders part of the app, or was itself rendered.
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
    // `null` means the app's default, which is its queue.
    queued: config.queue && fields["queue"] !== false,
    batchSize: fields["batch"] === true ? (number(fields["max_batch_size"]) ?? 1) : 1,
    concurrency: number(fields["concurrency_limit"]),
    visibility: visibility(fields),
  };
  const login = text(said["oauth_token"]) !== null;
  let slot = 0;
  return {
    ...info,
    info,
    slots: inputs.map((input) => (input.hidden ? null : slot++)),
    outputs: outputs.length,
    visible: outputs.flatMap((output, at) => (output.hidden ? [] : [at])),
    login,
    joinable: config.queue,
    callableByName:
      config.queue &&
      config.prefix !== "" &&
      /^[^/]+$/.test(apiName ?? "") &&
      !(info.generator || info.stream || login || inputs.some(({ hidden }) => hidden)),
    hasBackend: fields["backend_fn"] !== false,
    isCancel: types["cancel"] === true,
  };
}

/** Returns the visibility. Before 6.0, a function without a name was private, and `show_api` hid one from the page. */
function visibility(fields: Fields): Endpoint["visibility"] {
  const named = fields["api_visibility"];
  if (named === "public" || named === "undocumented" || named === "private") return named;
  if (fields["api_name"] === false) return "private";
  return fields["show_api"] === false ? "undocumented" : "public";
}

/** Returns the components with the given ids. */
function components(config: AppConfig, ids: unknown): Component[] {
  const known = Array.isArray(ids) ? ids.filter((id) => typeof id === "number") : [];
  return known.map(
    (id) => config.components.get(id) ?? { id, type: "", label: null, props: {}, serialized: null, hidden: false },
  );
}

/** Returns the description of one function: by its name, or by its index where it has no name (3.x). */
function described(description: unknown, name: string, index: number): Fields {
  const groups = fieldsOf(description);
  return own(groups["named_endpoints"], name) ?? own(groups["unnamed_endpoints"], String(index)) ?? {};
}

/** Returns the object in an own property of another one. */
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

/** Parses the choices of a component: pairs of label and value, or in Gradio 3 values. `null` for an empty list. */
function choices(given: unknown): Choice[] | null {
  if (!Array.isArray(given)) return null;
  const found = given.flatMap((one: unknown): Choice[] => {
    const [label, value] = Array.isArray(one) ? (one as unknown[]) : [one, one];
    const isValue = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isValue ? [{ label: text(label) ?? String(value), value }] : [];
  });
  return found.length > 0 ? found : null;
}

/** Returns the `enum` of a schema, or of the schema of its elements. */
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

/** Returns the files of an output. Without a description, every output may hold files; galleries of Gradio 3 hold pairs of file and caption. */
function returnedFiles({ serialized, type: kind }: Component, info: Fields, type: Fields): ReturnInfo["file"] {
  if (!serialized) return Object.hasOwn(info, "type") ? fileKind(type) : "inside";
  if (!serialized.gives) return null;
  return (kind === "gallery" ? null : serialized.takes(type)) ?? "inside";
}

/** Returns the files of a schema, whose references are resolved; `null` for none. */
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

/** Whether a schema describes files at any depth: by the `_type` of their `meta`, before 4.21 by their `orig_name`. */
function mentionsFiles(type: Fields): boolean {
  const words = JSON.stringify(type);
  return words.includes('"gradio.FileData"') || words.includes('"orig_name":');
}
