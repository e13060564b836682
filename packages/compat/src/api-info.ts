import type { RawApp } from "@gradio-rx/core/raw";
import { fieldsOf } from "./status.ts";
import type { ApiInfo, DependencyTypes, EndpointInfo, JsApiData } from "./types.ts";

/** Returns the description of the app's endpoints; without endpoints where the app has no description. */
export function apiInfo(app: RawApp): ApiInfo<JsApiData> {
  const description = fieldsOf(app.description);
  return {
    named_endpoints: endpoints(app, description["named_endpoints"]),
    unnamed_endpoints: endpoints(app, description["unnamed_endpoints"]),
  };
}

function endpoints(app: RawApp, group: unknown): Record<string, EndpointInfo<JsApiData>> {
  const dependencies = Array.isArray(app.config["dependencies"]) ? (app.config["dependencies"] as unknown[]) : [];
  const all = Object.entries(fieldsOf(group)).map(([name, described]) => {
    const found = app.find(/^\d+$/.test(name) ? Number(name) : name);
    const dependency = dependencies.map(fieldsOf).find(({ id }, at) => (id ?? at) === found?.index);
    return [name, endpoint(fieldsOf(described), dependency?.["types"])] as const;
  });
  return Object.fromEntries(all);
}

function endpoint(described: Readonly<Record<string, unknown>>, types: unknown): EndpointInfo<JsApiData> {
  const { generator, cancel } = fieldsOf(types);
  const type: DependencyTypes = { generator: generator === true, cancel: cancel === true };
  const login = described["oauth_token"];
  return {
    parameters: values(described["parameters"], true),
    returns: values(described["returns"], false),
    type,
    ...(login === "required" || login === "optional" ? { oauth_token: login } : {}),
  };
}

function values(list: unknown, isParameter: boolean): JsApiData[] {
  return (Array.isArray(list) ? (list as unknown[]) : []).map((one) => {
    const fields = fieldsOf(one);
    const schema = fieldsOf(fields["type"]);
    const { description } = fieldsOf(schema);
    const said = typeof description === "string" ? description : "";
    return { ...(fields as unknown as JsApiData), type: typeText(fields, schema, isParameter), description: said };
  });
}

/** Returns the TypeScript type of a value, as text. */
function typeText(
  fields: Readonly<Record<string, unknown>>,
  schema: Readonly<Record<string, unknown>>,
  isParameter: boolean,
): string {
  const words = JSON.stringify(schema);
  const isFile = words.includes('"gradio.FileData"');
  if (fields["component"] === "Image") return isParameter ? "Blob | File | Buffer" : "string";
  if (isFile && isParameter) return schema["type"] === "array" ? "(Blob | File | Buffer)[]" : "Blob | File | Buffer";
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
