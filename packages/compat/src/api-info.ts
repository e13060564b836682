import type { RawApp } from "@gradio-rx/core/raw";
import { fieldsOf } from "./status.ts";
import type { ApiInfo, DependencyTypes, EndpointInfo, JsApiData } from "./types.ts";

/** Returns the description of the app's endpoints; without endpoints where the app has no description. */
export function apiInfo(app: RawApp): ApiInfo<JsApiData> {
  const description = fieldsOf(app.description);
  const named = endpoints(app, description["named_endpoints"]);
  const unnamed = endpoints(app, description["unnamed_endpoints"]);
  // The function of a simple app can be called as the first one as well.
  if (named["/predict"] && !unnamed["0"]) unnamed["0"] = named["/predict"];
  return { named_endpoints: named, unnamed_endpoints: unnamed };
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
    const made = { ...(fields as unknown as JsApiData), type: typeText(fields, schema, isParameter) };
    if (typeof description === "string") made.description = description;
    return made;
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
