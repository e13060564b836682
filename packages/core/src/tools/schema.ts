import { type EndpointInfo, isFileSchema, type ParameterInfo } from "../app/endpoints.ts";
import { type Fields, fieldsOf, isFields, list, text } from "../fields.ts";

/** A JSON schema (draft 2020-12) without references. */
export type ToolSchema = Record<string, unknown>;

/** Maximum nesting. Schemas of Gradio are not nested deeper; a recursive one is cut off here. */
const DEEPEST = 16;

const kinds = ["string", "number", "integer", "boolean", "null", "array", "object"];
const FILE = { type: "string", description: "URL of a file" };

/** Returns the names of a tool's arguments, one for each parameter: the parameter's own, or by position where the app gives none. */
export function argumentNames({ parameters }: EndpointInfo): string[] {
  return parameters.map(({ name }, at) => name ?? `argument_${at}`);
}

/** Returns the schema of a tool's arguments: that of an object. */
export function inputSchema(endpoint: EndpointInfo): ToolSchema {
  const names = argumentNames(endpoint);
  const { parameters } = endpoint;
  return {
    type: "object",
    properties: Object.fromEntries(parameters.map((parameter, at) => [names[at]!, argumentSchema(parameter)])),
    required: names.filter((_, at) => !parameters[at]!.hasDefault),
    additionalProperties: false,
  };
}

function argumentSchema(parameter: ParameterInfo): ToolSchema {
  const { label, help, hasDefault, default: value, minimum, maximum, file } = parameter;
  const own = valueSchema(parameter);
  const isNull = hasDefault && value === null;
  const schema = isNull ? { anyOf: [own, { type: "null" }] } : own;
  return {
    ...schema,
    title: label,
    ...(help === null ? {} : { description: help }),
    ...(minimum === null ? {} : { minimum }),
    ...(maximum === null ? {} : { maximum }),
    // A default file of the app cannot be written as a text.
    ...(hasDefault && (file === null || isNull) ? { default: value } : {}),
  };
}

function valueSchema({ file, type, choices, openChoices }: ParameterInfo): ToolSchema {
  if (file === "one") return FILE;
  if (file === "many") return { type: "array", items: FILE };
  const schema = plain(type, fieldsOf(fieldsOf(type)["$defs"]), 0);
  if (!choices || openChoices) return schema;
  const limited = { enum: choices.map(({ value }) => value) };
  return fieldsOf(type)["type"] === "array" ? { type: "array", items: limited } : limited;
}

/**
 * Converts a schema of the app to draft 2020-12: files become texts, references are resolved, and everything that is not a schema is
 * dropped. The parts of tuples are dropped, too, because drafts write them differently.
 */
function plain(schema: unknown, definitions: Fields, depth: number): ToolSchema {
  if (!isFields(schema) || depth > DEEPEST) return {};
  const below = (one: unknown): ToolSchema => plain(one, definitions, depth + 1);
  const reference = text(schema["$ref"])?.split("/").at(-1);
  if (reference !== undefined) return below(Object.hasOwn(definitions, reference) ? definitions[reference] : undefined);
  if (isFileSchema(schema)) return FILE;
  const made = Object.entries(schema).map(([key, value]) => [key, kept(key, value, below)]);
  return Object.fromEntries(made.filter(([, value]) => value !== undefined));
}

/** Converts the value of a keyword; returns `undefined` where the keyword is left out. */
function kept(key: string, value: unknown, below: (schema: unknown) => ToolSchema): unknown {
  const all = Array.isArray(value) ? value : [value];
  const filled = (parts: unknown[]): unknown => (parts.length > 0 ? parts : undefined);
  switch (key) {
    case "type": {
      const known = all.filter((kind) => kinds.includes(kind as string));
      return known.length > 1 ? known : known[0];
    }
    case "description":
      return text(value) ?? undefined;
    case "enum":
      return value === all ? filled(all) : undefined;
    case "anyOf":
    case "oneOf":
    case "allOf":
      return filled(list(value).map(below));
    case "items":
      return isFields(value) ? below(value) : undefined;
    case "properties":
      return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, one]) => [name, below(one)]));
    case "required":
      return [...new Set(all.filter((name) => typeof name === "string"))];
    case "additionalProperties":
      return isFields(value) ? below(value) : value === false ? value : undefined;
    default:
      return key === "const" ? value : undefined;
  }
}
