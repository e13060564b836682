import type { JsonSchema } from "@gradio-rx/node";
import { identifier, literal, type Names, propertyName } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Whether a type is for data that goes to the app, or that comes from it: files differ. */
export type Direction = "in" | "out";

/** Maximum nesting. Schemas of Gradio are not nested deeper. */
const DEEPEST = 32;
/** Maximum number of choices of a union. With more choices, the type is that of the values. */
const MOST_CHOICES = 100;

/** A definition of a schema that has its own declaration. */
interface Declared {
  name: string;
  body: string;
}

/** Writes JSON schemas as TypeScript types, and keeps the declarations that they share. */
export class SchemaTypes {
  readonly #names: Names;
  readonly #choices: boolean;
  readonly #declared = new Map<string, Declared>();
  readonly #files = { in: false, out: false };

  /**
   * @param names - names of the module that are taken.
   * @param choices - whether limited values become unions.
   */
  constructor(names: Names, choices: boolean) {
    this.#names = names;
    this.#choices = choices;
  }

  /** Declarations of shared objects, in the order of their first use. */
  get declarations(): string[] {
    return [...this.#declared.values()].map(({ name, body }) => `export interface ${name} ${body}`);
  }

  /** Type of a file. */
  file(direction: Direction): string {
    this.#files[direction] = true;
    return direction === "in" ? "FileInput" : "FileData";
  }

  /** Names of the SDK's types that were written. */
  get imports(): string[] {
    return [...(this.#files.out ? ["FileData"] : []), ...(this.#files.in ? ["FileInput"] : [])];
  }

  /** Type of the values that a schema takes; `unknown` for anything but a schema. */
  of(schema: JsonSchema, direction: Direction): string {
    const definitions = isFields(schema) && isFields(schema["$defs"]) ? schema["$defs"] : {};
    return new Walk(this, definitions, direction).of(schema, []);
  }

  /** Returns a union of values; the types of the values where there are too many, or where unions are not wanted. */
  union(values: readonly unknown[], isOpen: boolean): string | undefined {
    const known = values.filter(isLiteral);
    if (known.length === 0) return undefined;
    if (!this.#choices || known.length > MOST_CHOICES)
      return join(known.map((value) => (value === null ? "null" : typeof value)));
    return join([...known.map(literal), ...(isOpen ? ["(string & {})"] : [])]);
  }

  /** Name of the declaration of an object; `write` gives its body when it is declared first. */
  declare(title: string, schema: Fields, definitions: Fields, direction: Direction, write: () => string): string {
    const key = JSON.stringify([direction, schema, definitions]);
    const before = this.#declared.get(key);
    if (before) return before.name;
    const wanted = identifier(title, "Value");
    const suffix = direction === "in" ? "Input" : "Output";
    const name = this.#names.unique(`${wanted.charAt(0).toUpperCase()}${wanted.slice(1)}${suffix}`);
    const declared = { name, body: "{}" };
    // Kept before its body is written: the body may name it.
    this.#declared.set(key, declared);
    declared.body = write();
    return name;
  }
}

/** One schema with its definitions. */
class Walk {
  readonly #types: SchemaTypes;
  readonly #definitions: Fields;
  readonly #direction: Direction;

  constructor(types: SchemaTypes, definitions: Fields, direction: Direction) {
    this.#types = types;
    this.#definitions = definitions;
    this.#direction = direction;
  }

  /** @param via - references that led here without an object in between: one that comes again has no end. */
  of(schema: unknown, via: readonly string[], depth = 0): string {
    if (!isFields(schema) || depth > DEEPEST) return "unknown";
    if (isFileSchema(schema)) return this.#types.file(this.#direction);
    const { $ref: reference } = schema;
    if (typeof reference === "string") return this.#referred(reference, via, depth);
    const several = [schema["anyOf"], schema["oneOf"]].find(Array.isArray) as unknown[] | undefined;
    if (several) return join(several.map((one) => this.of(one, via, depth + 1)));
    if (Array.isArray(schema["allOf"]))
      return schema["allOf"].map((one) => parenthesized(this.of(one, via, depth + 1))).join(" & ") || "unknown";
    if ("const" in schema) return isLiteral(schema["const"]) ? literal(schema["const"]) : "unknown";
    const values: unknown = schema["enum"];
    const union = Array.isArray(values) ? this.#types.union(values, false) : undefined;
    return union ?? this.#plain(schema, via, depth);
  }

  #plain(schema: Fields, via: readonly string[], depth: number): string {
    const { type } = schema;
    if (Array.isArray(type)) return join(type.map((kind) => this.#kind(kind, schema, via, depth)));
    return this.#kind(type ?? untold(schema), schema, via, depth);
  }

  #kind(kind: unknown, schema: Fields, via: readonly string[], depth: number): string {
    if (kind === "string" || kind === "number" || kind === "boolean" || kind === "null") return kind;
    if (kind === "integer") return "number";
    if (kind === "array") return this.#array(schema, via, depth);
    return kind === "object" ? this.#object(schema, depth) : "unknown";
  }

  #array(schema: Fields, via: readonly string[], depth: number): string {
    const parts = [schema["prefixItems"], schema["items"]].find(Array.isArray) as unknown[] | undefined;
    if (parts) return `[${parts.map((one) => this.of(one, via, depth + 1)).join(", ")}]`;
    return `${parenthesized(this.of(schema["items"], via, depth + 1))}[]`;
  }

  /** An object on one line. */
  #object(schema: Fields, depth: number): string {
    const members = this.#members(schema, depth);
    if (members.length > 0) return `{ ${members.join("; ")} }`;
    const more = schema["additionalProperties"];
    if (more === false) return "Record<string, never>";
    return `Record<string, ${isFields(more) ? this.of(more, [], depth + 1) : "unknown"}>`;
  }

  #members(schema: Fields, depth: number): string[] {
    const properties = Object.entries(isFields(schema["properties"]) ? schema["properties"] : {});
    const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
    const members = properties.map(
      ([name, one]) => `${propertyName(name)}${required.includes(name) ? "" : "?"}: ${this.of(one, [], depth + 1)}`,
    );
    const more = schema["additionalProperties"];
    const isOpen = members.length > 0 && (more === true || isFields(more));
    return isOpen ? [...members, "[key: string]: unknown"] : members;
  }

  #referred(reference: string, via: readonly string[], depth: number): string {
    const name = decodeReference(reference);
    const target = name !== undefined && Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined;
    if (name === undefined || !isFields(target) || via.includes(name)) return "unknown";
    const isObject = isFields(target["properties"]) && Object.keys(target["properties"]).length > 0;
    if (!isObject || isFileSchema(target)) return this.of(target, [...via, name], depth + 1);
    const body = (): string =>
      this.#members(target, depth + 1)
        .map((member) => `  ${member};\n`)
        .join("");
    return this.#types.declare(name, target, this.#definitions, this.#direction, () => `{\n${body()}}`);
  }
}

/** Type of a schema that tells its parts alone. */
function untold(schema: Fields): string | undefined {
  if (isFields(schema["properties"])) return "object";
  return isFields(schema["items"]) || Array.isArray(schema["prefixItems"]) ? "array" : undefined;
}

/** Name of the definition that `#/$defs/Name` stands for. */
function decodeReference(reference: string): string | undefined {
  const [, name] = /^#\/\$defs\/([^/]+)$/.exec(reference) ?? [];
  return name?.replaceAll("~1", "/").replaceAll("~0", "~");
}

/**
 * Whether a schema is that of a file: an object with `path` and `meta`; before Gradio 4.21 with `path` and `orig_name`; in Gradio 3
 * with `name` and `is_file`.
 */
export function isFileSchema(schema: Fields): boolean {
  const { properties } = schema;
  if (!isFields(properties)) return false;
  if ("name" in properties && "is_file" in properties) return true;
  return "path" in properties && ("meta" in properties || "orig_name" in properties);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLiteral(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** A union in which each type stands once. */
export function join(types: readonly string[]): string {
  const known = [...new Set(types)];
  return known.includes("unknown") || known.length === 0 ? "unknown" : known.join(" | ");
}

/** A type as the operand of another operator: in parentheses where it is a union or an intersection. */
export function parenthesized(type: string): string {
  // Operators in strings and in brackets do not belong to the type itself.
  let outside = type.replaceAll(/"(?:[^"\\]|\\.)*"/g, "");
  for (let before = ""; before !== outside;) {
    before = outside;
    outside = outside.replaceAll(/[{[(<][^{}[\]()<>]*[}\])>]/g, "");
  }
  return /[|&]/.test(outside) ? `(${type})` : type;
}
