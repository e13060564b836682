import { isFileSchema, type JsonSchema } from "../app/endpoints.ts";
import { type Fields, fieldsOf, isFields, isPlain, list, text } from "../fields.ts";
import { fileContent, FileHandle, ownName } from "./files.ts";

/** No schema of Gradio's is nested deeper; a value could hold itself. */
const DEEPEST = 32;

/**
 * Gives what stands where a schema wants a file to a function that makes files of it: lists, objects and alternatives
 * are followed, as in editors, chats and multimodal texts. A bare file in a gallery becomes a picture of it. The value
 * itself is not changed.
 *
 * @param make - takes what is in a file's place; returns it where it is a file already.
 */
export function placeFiles(value: unknown, schema: JsonSchema, make: (value: unknown) => unknown): unknown {
  const schemas = new Schemas(schema);
  return new Places(schemas, make).at(value, schemas.alternatives(schema), 0);
}

/** A walk through a value and its schema, side by side. */
class Places {
  readonly #schemas: Schemas;
  readonly #make: (value: unknown) => unknown;

  constructor(schemas: Schemas, make: (value: unknown) => unknown) {
    this.#schemas = schemas;
    this.#make = make;
  }

  at(given: unknown, wanted: readonly Fields[], depth: number): unknown {
    if (given === null || given === undefined || depth > DEEPEST) return given;
    if (wanted.some(isFileSchema)) return typeof given === "string" && wanted.some(isText) ? given : this.#make(given);
    if (Array.isArray(given)) return this.#list(given, wanted, depth);
    if (isBare(given)) return this.#wrapped(given, wanted);
    return isPlain(given) ? this.#fields(given, wanted, depth) : given;
  }

  #list(given: readonly unknown[], wanted: readonly Fields[], depth: number): readonly unknown[] {
    const items = wanted.flatMap((one) => this.#schemas.alternatives(one["items"]));
    if (items.length === 0) return given;
    const made = given.map((part) => this.at(part, items, depth + 1));
    return made.some((part, index) => part !== given[index]) ? made : given;
  }

  #fields(given: Fields, wanted: readonly Fields[], depth: number): Fields {
    const fitting = wanted.filter((one) => this.#schemas.fits(given, one));
    const made = Object.entries(given).map(([key, part]) => {
      const inside = fitting.flatMap((one) => this.#schemas.alternatives(this.#schemas.property(one, key)));
      return [key, inside.length === 0 ? part : this.at(part, inside, depth + 1)] as const;
    });
    return made.some(([key, part]) => part !== given[key]) ? Object.fromEntries(made) : given;
  }

  /** A file, or the name of one, where an object that needs nothing but a file is wanted. */
  #wrapped(file: unknown, wanted: readonly Fields[]): unknown {
    const sole = (one: Fields, isKind: (schema: Fields) => boolean): string | null => this.#schemas.sole(one, isKind);
    if (typeof file === "string" && wanted.some((one) => isText(one) || sole(one, isText) !== null)) return file;
    const keys = wanted.map((one) => sole(one, isFileSchema)).filter((key) => key !== null);
    const key = keys.find((one) => one === mediaKind(file)) ?? keys[0];
    return key === undefined ? file : { [key]: this.#make(file) };
  }
}

/** One parameter's schema, looked up in parts. */
class Schemas {
  readonly #definitions: Fields;

  constructor(whole: JsonSchema) {
    this.#definitions = fieldsOf(fieldsOf(whole)["$defs"]);
  }

  /** What a schema stands for: behind its reference, one of several. */
  alternatives(schema: unknown, depth = 0): Fields[] {
    if (!isFields(schema) || depth > DEEPEST) return [];
    const name = text(schema["$ref"])?.split("/").at(-1);
    if (name !== undefined)
      return this.alternatives(Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined, depth + 1);
    const several = [...list(schema["anyOf"]), ...list(schema["oneOf"])];
    return several.length === 0 ? [schema] : several.flatMap((one) => this.alternatives(one, depth + 1));
  }

  property(schema: Fields, key: string): unknown {
    const properties = fieldsOf(schema["properties"]);
    return Object.hasOwn(properties, key) ? properties[key] : schema["additionalProperties"];
  }

  /** Whether an object has the constants of a schema, which tell one kind of message from another. */
  fits(value: Fields, schema: Fields): boolean {
    const properties = fieldsOf(schema["properties"]);
    return Object.entries(properties).every(
      ([key, one]) => !isFields(one) || !("const" in one) || !Object.hasOwn(value, key) || value[key] === one["const"],
    );
  }

  /** The one property that an object of this schema must have, if it is of that kind. */
  sole(schema: Fields, isKind: (schema: Fields) => boolean): string | null {
    const { required } = schema;
    const key: unknown = Array.isArray(required) && required.length === 1 ? required[0] : undefined;
    return typeof key === "string" && this.alternatives(this.property(schema, key)).some(isKind) ? key : null;
  }
}

function isText(schema: Fields): boolean {
  return schema["type"] === "string";
}

function isBare(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "string";
  return value instanceof FileHandle || value instanceof URL || fileContent(value) !== undefined;
}

/** `"image"`, `"video"` …: what a file is by its type, or else by its name. */
function mediaKind(file: unknown): string {
  const type = file instanceof FileHandle ? file.mimeType : file instanceof Blob ? file.type : undefined;
  if (type) return type.split("/")[0]!;
  const name = typeof file === "string" ? file : file instanceof URL ? file.pathname : ownName(file);
  return /\.(mp4|m4v|mov|webm|mkv|avi|ogv)$/i.test(name) ? "video" : "image";
}
