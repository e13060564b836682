import type { Component } from "../endpoint/component.ts";
import { anything } from "../endpoint/components.ts";
import type { Endpoint, EndpointFunction, EndpointValue } from "../endpoint/endpoint.ts";
import type { Parameter } from "../endpoint/parameters.ts";
import { readParameters } from "../endpoint/parameters.ts";

/** An endpoint with its defaults filled in. */
export interface Dependency {
  /** Its `fn_index` on the wire. */
  id: number;
  /** API name without the slash. */
  name: string;
  /** Component id of the button that triggers it on Gradio's page. */
  buttonId: number;
  inputs: readonly Component[];
  outputs: readonly Component[];
  parameters: readonly string[];
  /** `undefined` if the endpoint runs on the page only. */
  fn: EndpointFunction | undefined;
  generator: boolean;
  batch: boolean;
  maxBatchSize: number;
  cancels: number[];
  options: Endpoint;
}

/** The endpoints of an app by index, and its components with their ids. */
export interface AppModel {
  dependencies: readonly Dependency[];
  components: ReadonlyMap<Component, number>;
}

/** Fills in the defaults of an app's endpoints, and assigns ids. */
export function createModel(endpoints: Readonly<Record<string, EndpointValue>>): AppModel {
  const components = new Map<Component, number>();
  const names = Object.keys(endpoints).map((name) => name.replace(/^\//, ""));
  let nextId = 1; // 0 is the page
  const dependencies = Object.values(endpoints).map((value, id): Dependency => {
    const options = typeof value === "function" ? endpointOf(value) : value;
    const inputs = options.inputs ?? [];
    const outputs = pairStates(inputs, options.outputs ?? [anything("output")]);
    for (const component of [...inputs, ...outputs]) {
      if (!components.has(component)) components.set(component, nextId++);
    }
    const { batch = false, maxBatchSize = 4 } = options;
    const fn = options.backendFn === false ? undefined : options.fn;
    const cancels = (options.cancels ?? []).map((name) => names.indexOf(name.replace(/^\//, "")));
    const common = { id, name: names[id] ?? "", buttonId: nextId++, inputs, outputs, fn, batch, maxBatchSize, cancels };
    return { ...common, generator: isGenerator(fn), parameters: parameterNames(options, inputs), options };
  });
  return { dependencies, components };
}

const CONTEXT_KEYS = ["progress", "request", "signal", "info", "success", "warning", "error"];

/** Creates an endpoint from a function. Its last parameter is not an input if it is recognized as the context. */
function endpointOf(fn: EndpointFunction): Endpoint {
  const read = readParameters(fn) ?? Array.from({ length: fn.length }, () => ({ name: undefined, keys: [] }));
  const parameters: Parameter[] = isContext(read.at(-1)) ? read.slice(0, -1) : read;
  const inputs = parameters.map(({ name, value }, at) =>
    anything(name ?? `param_${String(at)}`, value === undefined ? {} : { value }),
  );
  return { kind: "endpoint", fn, inputs };
}

function isContext(parameter: Parameter | undefined): boolean {
  const { name, keys = [] } = parameter ?? {};
  if (name !== undefined) return name === "context" || name === "_context";
  return keys.length > 0 && keys.every((key) => CONTEXT_KEYS.includes(key));
}

function parameterNames(options: Endpoint, inputs: readonly Component[]): string[] {
  const read = options.fn === undefined ? undefined : readParameters(options.fn)?.map(({ name }) => name);
  const names = options.parameters ?? read ?? [];
  return inputs.map((_, at) => names[at] ?? `param_${String(at)}`);
}

/** Replaces an output state that is not an input by the input state with the same position among the states. */
function pairStates(inputs: readonly Component[], outputs: readonly Component[]): Component[] {
  const given = inputs.filter(isState);
  let place = 0;
  return outputs.map((output) => {
    if (!isState(output)) return output;
    const paired = given.includes(output) || "value" in output.props ? output : (given[place] ?? output);
    place += 1;
    return paired;
  });
}

/** Whether a component's value is kept by the server for each session. */
export function isState(component: Component): boolean {
  return component.type === "state";
}

function isGenerator(fn: EndpointFunction | undefined): boolean {
  return /Generator/.test(Object.prototype.toString.call(fn));
}
