import type { RawApp } from "@gradio-rx/core/raw";
import { fieldsOf } from "./status.ts";
import type { ApiInfo, DependencyTypes, EndpointInfo, JsApiData } from "./types.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Returns the description of the app's endpoints; without endpoints where the app has no description. */
export function apiInfo(app: RawApp): ApiInfo<JsApiData> {
  const description = fieldsOf(app.description);
  const named = endpoints(app, description["named_endpoints"]);
  const unnamed = endpoints(app, description["unnamed_endpoints"]);
  // The function of a simple app can be called as the first one as well.
  if (named["/predict"] && !unnamed["0"]) unnamed["0"] = named["/predict"];
  return { named_endpoints: named, unnamed_endpoints: unnamed };
}

/** Returns the documented endpoints of a group. The app describes its undocumented ones, too. */
function endpoints(app: RawApp, group: unknown): Record<string, EndpointInfo<JsApiData>> {
  const dependencies = listOf(app.config["dependencies"]);
  const all = Object.entries(fieldsOf(group)).flatMap(([name, described]) => {
    const found = app.find(/^\d+$/.test(name) ? Number(name) : name);
    if (found && found.visibility !== "public") return [];
    const dependency = dependencies.find(({ id }, at) => (id ?? at) === found?.index) ?? {};
    return [[name, endpoint(app, fieldsOf(described), dependency)] as const];
  });
  return Object.fromEntries(all);
}

function endpoint(app: RawApp, described: Fields, dependency: Fields): EndpointInfo<JsApiData> {
  const { generator, cancel } = fieldsOf(dependency["types"]);
  const type: DependencyTypes = { generator: generator === true, cancel: cancel === true };
  const login = described["oauth_token"];
  return {
    parameters: withStates(app, values(described["parameters"], true), dependency["inputs"]),
    returns: values(described["returns"], false),
    type,
    ...(login === "required" || login === "optional" ? { oauth_token: login } : {}),
  };
}

/** Description of a state among the parameters. */
const state = {
  component: "state",
  type: "any",
  example: null,
  parameter_name: null,
  parameter_has_default: true,
  parameter_default: null,
  hidden: true,
};

/** Adds the states, which the app does not describe, in the places of the inputs of a function. */
function withStates(app: RawApp, described: JsApiData[], inputs: unknown): JsApiData[] {
  if (!Array.isArray(inputs) || inputs.length === described.length) return described;
  const components = listOf(app.config["components"]);
  const all = [...described];
  inputs.forEach((input, at) => {
    const isState = components.some(({ id, type }) => id === input && type === "state");
    if (isState) all.splice(at, 0, { ...state } as unknown as JsApiData);
  });
  return all;
}

function values(list: unknown, isParameter: boolean): JsApiData[] {
  return listOf(list).map((fields) => {
    const schema = fieldsOf(fields["type"]);
    const { description } = fieldsOf(schema);
    const made = { ...(fields as unknown as JsApiData), type: typeText(fields, schema, isParameter) };
    if (typeof description === "string") made.description = description;
    return made;
  });
}

function listOf(value: unknown): Fields[] {
  return (Array.isArray(value) ? (value as unknown[]) : []).map(fieldsOf);
}

/** Returns the TypeScript type of a value, as text. */
function typeText(fields: Fields, schema: Fields, isParameter: boolean): string {
  if (fields["component"] === "Image") return isParameter ? "Blob | File | Buffer" : "string";
  if (isParameter && isFile(schema, schema)) return "Blob | File | Buffer";
  if (isParameter && isFile(fieldsOf(schema["items"]), schema)) return "(Blob | File | Buffer)[]";
  switch (schema["type"]) {
    case "string":
    case "boolean":
    case "number":
      return schema["type"];
    case "integer":
      return "number";
  }
  return "any";
}

/** Whether a schema, or the one of the definitions that it refers to, is that of a file. */
function isFile(schema: Fields, { $defs: definitions }: Fields): boolean {
  const name = typeof schema["$ref"] === "string" ? schema["$ref"].split("/").at(-1)! : null;
  const { path, orig_name } = fieldsOf(fieldsOf(name === null ? schema : fieldsOf(definitions)[name])["properties"]);
  return path !== undefined && orig_name !== undefined;
}
