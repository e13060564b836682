import type { Component } from "../endpoint/component.ts";
import type { AppModel, Dependency } from "./model.ts";

/** One parameter of an endpoint in `/info`. */
export interface ParameterInfo {
  label: string;
  parameter_name: string;
  parameter_has_default: boolean;
  parameter_default: unknown;
  type: unknown;
  python_type: { type: string; description: string };
  component: string;
  example_input: unknown;
}

/**
 * Returns the body of `GET /gradio_api/info`.
 *
 * @param all - whether undocumented endpoints are included; private ones never are.
 */
export function info(model: AppModel, all: boolean): Record<string, unknown> {
  const shown = model.dependencies.filter(({ fn, options: { apiVisibility = "public" } }) => {
    return fn !== undefined && (apiVisibility === "public" || (all && apiVisibility === "undocumented"));
  });
  const named = shown.map((dependency) => [`/${dependency.name}`, describe(dependency)]);
  return { named_endpoints: Object.fromEntries(named) as unknown, unnamed_endpoints: {} };
}

/** Returns the parameters that callers send values for: all but states. */
export function parameterInfos(dependency: Dependency): ParameterInfo[] {
  return dependency.inputs.flatMap((input, at) => {
    if (input.skipApi) return [];
    const value = input.props["value"] ?? null;
    const name = dependency.parameters[at] ?? `param_${String(at)}`;
    const own = { parameter_name: name, parameter_has_default: value !== null, parameter_default: value };
    const { label, ...rest } = common(input, name);
    return [{ label, ...own, ...rest, example_input: input.example }];
  });
}

function describe(dependency: Dependency): Record<string, unknown> {
  const { apiVisibility = "public", description = "" } = dependency.options;
  const outputs = dependency.outputs.filter(({ skipApi }) => !skipApi);
  return {
    parameters: parameterInfos(dependency),
    returns: outputs.map((output, at) => common(output, `value_${String(at)}`)),
    api_visibility: apiVisibility,
    description,
    code_snippets: {},
  };
}

function common(
  component: Component,
  name: string,
): Pick<ParameterInfo, "label" | "type" | "python_type" | "component"> {
  const { props, schema, pythonType, type } = component;
  return {
    label: typeof props["label"] === "string" ? props["label"] : name,
    type: schema,
    python_type: { type: pythonType, description: "" },
    component: type.charAt(0).toUpperCase() + type.slice(1),
  };
}
