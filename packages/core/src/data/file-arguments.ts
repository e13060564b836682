import { isFileSchema, type JsonSchema, type ParameterInfo } from "../app/endpoints.ts";
import { InputError } from "../errors.ts";
import { type Fields, fieldsOf, isFields, isPlain, list, text } from "../fields.ts";
import { fileContent, FileHandle, type FileInput, fileList, fileName, httpUrl, isBlob, isFileData } from "./files.ts";

/** Maximum nesting of a schema that is followed. A value may contain itself. */
const MAX_DEPTH = 32;

/**
 * Makes a file of a string in the place of a file, such as a path of this machine. Only where the caller has allowed it. An
 * http(s) address that it returns is passed on.
 */
export type LocalFile = (text: string) => FileInput;

/** The argument that is fitted to its parameter. */
export interface FileArgument {
  parameter: Pick<ParameterInfo, "file" | "type">;
  /** Makes files of strings that are not addresses; `undefined` where these are refused. */
  localFile: LocalFile | undefined;
  /** Makes the error for a value that cannot be a file of this parameter. */
  refuse: (problem: string) => InputError;
}

/**
 * Fits the files of an argument to its parameter: one file for a list becomes a list of one, a bare file for an object takes
 * the object's place for a file, and a string in the place of a file becomes the file at that address or path. The argument
 * itself is not changed.
 *
 * @throws InputError, by `refuse`, for a value that cannot be a file of this parameter.
 */
export function fitFiles(value: unknown, { parameter, localFile, refuse }: FileArgument): unknown {
  const { file, type } = parameter;
  if (file === null || value === null) return value;
  const toFile = (given: unknown): unknown => {
    if (typeof given === "number" || typeof given === "boolean" || typeof given === "bigint")
      throw refuse(`takes a file, not ${String(given)}.`);
    const string = given instanceof URL ? given.href : given;
    if (typeof string !== "string") return given;
    const url = httpUrl(string);
    if (url) return new FileHandle(url);
    const made = localFile?.(string);
    const address = httpUrl(made);
    if (address) return new FileHandle(address);
    if (made !== undefined && typeof made !== "string") return made;
    throw refuse(
      `takes a file, not the string ${JSON.stringify(string.slice(0, 200))}. Pass a Blob, an http(s) address, or ` +
        "handleFile(…); in Node, connect with localFiles to pass paths.",
    );
  };
  const files = fileList(value);
  if (file === "many") return (files ?? [value]).map(toFile);
  if (file === "inside") return new FilePlacer(type, toFile, refuse).place(value);
  if (files) throw refuse("takes one file, not a list of files. Call the endpoint once for each file.");
  return toFile(value);
}

/** Walks through a value and its schema side by side, and makes files in the places of files. */
class FilePlacer {
  readonly #schema: Schema;
  readonly #root: readonly Fields[];
  readonly #toFile: (value: unknown) => unknown;
  readonly #refuse: (problem: string) => InputError;

  constructor(schema: JsonSchema, toFile: (value: unknown) => unknown, refuse: (problem: string) => InputError) {
    this.#schema = new Schema(schema);
    this.#root = this.#schema.alternatives(schema);
    this.#toFile = toFile;
    this.#refuse = refuse;
  }

  place(value: unknown): unknown {
    return this.#at(value, this.#root, 0);
  }

  #at(given: unknown, wanted: readonly Fields[], depth: number): unknown {
    if (given === null || given === undefined || depth > MAX_DEPTH) return given;
    if (wanted.some(isFileSchema))
      return typeof given === "string" && wanted.some(isText) ? given : this.#toFile(given);
    const items = fileList(given);
    if (items) return this.#list(items, wanted, depth) ?? given;
    if (typeof given === "string" || isFile(given)) return this.#wrap(given, wanted, depth);
    return isPlain(given) ? this.#fields(given, wanted, depth) : given;
  }

  #list(given: readonly unknown[], wanted: readonly Fields[], depth: number): readonly unknown[] | null {
    const made = given.map((part, index) => {
      const schemas = wanted.flatMap((one) => this.#schema.items(one, index));
      return schemas.length === 0 ? part : this.#at(part, schemas, depth + 1);
    });
    return made.some((part, index) => part !== given[index]) ? made : null;
  }

  #fields(given: Fields, wanted: readonly Fields[], depth: number): Fields {
    const fitting = wanted.filter((one) => this.#schema.fits(given, one));
    const made = Object.entries(given).map(([key, part]) => {
      const inside = fitting.flatMap((one) => this.#schema.alternatives(this.#schema.property(one, key)));
      return [key, inside.length === 0 ? part : this.#at(part, inside, depth + 1)] as const;
    });
    return made.some(([key, part]) => part !== given[key]) ? Object.fromEntries(made) : given;
  }

  /** Wraps a bare file, or the name of one, in the object or the list that the schema wants. */
  #wrap(file: unknown, wanted: readonly Fields[], depth: number): unknown {
    const sole = (one: Fields, isKind: (schema: Fields) => boolean): string | null => this.#schema.sole(one, isKind);
    if (typeof file === "string" && wanted.some((one) => isText(one) || sole(one, isText) !== null)) return file;
    const keys = wanted.map((one) => sole(one, isFileSchema)).filter((key) => key !== null);
    const key = keys.find((one) => one === mediaKind(file)) ?? keys[0];
    if (key !== undefined) return { [key]: this.#toFile(file) };
    if (typeof file === "string") return file;
    if (wanted.some((one) => this.#schema.isImageEditor(one)))
      return { background: this.#toFile(file), layers: [], composite: null };
    const items = wanted.flatMap((one) => this.#schema.items(one, 0));
    if (wanted.some((one) => one["items"] !== undefined) && items.length > 0) return [this.#at(file, items, depth + 1)];
    if (wanted.some(isOpen)) return file;
    throw this.#refuse("has no place for a file there. See client.viewApi() for the value that it takes.");
  }
}

/** The schema of one parameter. */
class Schema {
  readonly #definitions: Fields;

  constructor(whole: JsonSchema) {
    this.#definitions = fieldsOf(fieldsOf(whole)["$defs"]);
  }

  /** Returns the schemas that a schema stands for: the one behind its reference, or its alternatives. */
  alternatives(schema: unknown, depth = 0): Fields[] {
    if (!isFields(schema) || depth > MAX_DEPTH) return [];
    const name = text(schema["$ref"])?.split("/").at(-1);
    if (name !== undefined)
      return this.alternatives(Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined, depth + 1);
    const several = [...list(schema["anyOf"]), ...list(schema["oneOf"])];
    return several.length === 0 ? [schema] : several.flatMap((one) => this.alternatives(one, depth + 1));
  }

  /** Returns the schemas of an element of a list. */
  items({ items, prefixItems }: Fields, index: number): Fields[] {
    return this.alternatives(Array.isArray(prefixItems) && index in prefixItems ? prefixItems[index] : items);
  }

  property(schema: Fields, key: string): unknown {
    const properties = fieldsOf(schema["properties"]);
    return Object.hasOwn(properties, key) ? properties[key] : schema["additionalProperties"];
  }

  /** Whether an object has the constants of a schema, which distinguish kinds of messages. */
  fits(value: Fields, schema: Fields): boolean {
    const properties = fieldsOf(schema["properties"]);
    return Object.entries(properties).every(
      ([key, one]) => !isFields(one) || !("const" in one) || !Object.hasOwn(value, key) || value[key] === one["const"],
    );
  }

  /** Returns the only required property of an object's schema, if it is of a kind. */
  sole(schema: Fields, isKind: (schema: Fields) => boolean): string | null {
    const { required } = schema;
    const key: unknown = Array.isArray(required) && required.length === 1 ? required[0] : undefined;
    return typeof key === "string" && this.alternatives(this.property(schema, key)).some(isKind) ? key : null;
  }

  /** Whether a schema is that of an image editor: a background with layers. */
  isImageEditor(schema: Fields): boolean {
    const background = this.alternatives(this.property(schema, "background"));
    return background.some(isFileSchema) && "layers" in fieldsOf(schema["properties"]);
  }
}

function isText(schema: Fields): boolean {
  return schema["type"] === "string";
}

/** Whether a schema accepts any value. */
function isOpen(schema: Fields): boolean {
  return !["type", "properties", "enum", "const"].some((key) => key in schema);
}

function isFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof FileHandle || value instanceof URL || isFileData(value) || fileContent(value) !== undefined;
}

/** Returns the kind of a file, such as `"image"` or `"video"`, by its type or else by its name. */
function mediaKind(file: unknown): string {
  const known = file instanceof FileHandle || isFileData(file) ? file.mimeType : isBlob(file) ? file.type : undefined;
  if (known) return known.split("/")[0]!;
  const name = typeof file === "string" ? file : file instanceof URL ? file.pathname : nameOf(file);
  return /\.(mp4|m4v|mov|webm|mkv|avi|ogv)$/i.test(name) ? "video" : "image";
}

function nameOf(file: unknown): string {
  return (isFileData(file) ? file.origName : null) ?? fileName(file);
}
