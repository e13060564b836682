import { InputError } from "../errors.ts";
import type { FileDialect } from "./dialect.ts";
import { fileContent, FileHandle, type FileStream, isFileData, ownName } from "./files.ts";

/** A file in a call's data that is still to be sent, and where its reference belongs. */
export interface FileSlot {
  /** The parameter that it belongs to, by name, else by position. */
  parameter: string;
  /** Bytes; a function opens them when they are needed, and a stream gives them once. */
  source: Blob | FileStream | (() => Promise<Blob>);
  name: string;
  mimeType: string | undefined;
  /** How the wire writes it. */
  dialect: FileDialect;
  /** Puts the reference of the file, once it is sent, in its place. */
  place: (reference: unknown) => void;
}

/** Whose value is looked at. */
export interface JsonContext {
  /** The parameter, by name, else by position. */
  name: string;
  /** The same in words, for sentences. */
  what: string;
  endpoint: string;
  /** How the wire writes files. */
  dialect: FileDialect;
  /** Takes the files that are found. */
  files: FileSlot[];
  /** Puts a value where the whole argument belongs. */
  replace: (value: unknown) => void;
}

/** Deepest nesting of a value: what lies deeper would overflow the stack, here or at the app. */
const DEEPEST = 1_000;

type Place = (value: unknown) => void;

/**
 * A copy of a value as JSON carries it, with `null` where files are to be sent.
 *
 * @throws InputError for what JSON cannot carry (functions, symbols, bigints, cycles, NaN, Infinity, maps, sets …),
 *   naming the path.
 */
export function toJson(value: unknown, context: JsonContext): unknown {
  try {
    return new Copier(context).copy(value, [], context.replace);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    // A getter or a toJSON of the caller's own that throws.
    const { what, endpoint, name } = context;
    throw new InputError(`${what} could not be read.`, { cause, endpoint, parameter: name });
  }
}

class Copier {
  readonly #context: JsonContext;
  /** The objects that the value at hand lies in. */
  readonly #around = new Set<object>();

  constructor(context: JsonContext) {
    this.#context = context;
  }

  copy(value: unknown, path: readonly (string | number)[], place: Place): unknown {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "undefined":
        return value;
      case "number":
        if (!Number.isFinite(value)) throw this.#refuse(`is ${value}`, path);
        return value;
      case "object":
        return value === null ? null : this.#object(value, path, place);
      default:
        throw this.#refuse(`is a ${typeof value}`, path);
    }
  }

  #object(value: object, path: readonly (string | number)[], place: Place): unknown {
    const { dialect } = this.#context;
    if (isFileData(value)) return dialect.write(value);
    if (value instanceof FileHandle && value.source instanceof URL) {
      const { source, name: origName, mimeType } = value;
      return dialect.write({ path: source.href, url: source.href, origName, mimeType });
    }
    const file = asFile(value);
    if (file) {
      this.#context.files.push({ parameter: this.#context.name, ...file, dialect, place });
      return null;
    }
    if (this.#around.has(value)) throw this.#refuse("holds itself", path);
    if (this.#around.size >= DEEPEST) throw this.#refuse(`is nested more than ${DEEPEST} levels deep`, []);
    this.#around.add(value);
    const copy = this.#parts(value, path, place);
    this.#around.delete(value);
    return copy;
  }

  #parts(value: object, path: readonly (string | number)[], place: Place): unknown {
    if ("toJSON" in value && typeof value.toJSON === "function")
      return this.copy(value.toJSON(path.at(-1) ?? ""), path, place);
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      value.forEach((part: unknown, index) => {
        copy[index] = this.copy(part, [...path, index], (given) => (copy[index] = given)) ?? null;
      });
      return copy;
    }
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    if (!["Object", "String", "Number", "Boolean"].includes(kind)) throw this.#refuse(`is a ${kind}`, path);
    if (kind !== "Object") return this.copy(value.valueOf(), path, place);
    const copy: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(value)) {
      const put = (given: unknown): unknown =>
        // A plain assignment to "__proto__" would change the copy's prototype.
        Object.defineProperty(copy, key, { value: given, writable: true, enumerable: true, configurable: true });
      const carried = this.copy(part, [...path, key], put);
      if (carried !== undefined) put(carried);
    }
    return copy;
  }

  #refuse(what: string, path: readonly (string | number)[]): InputError {
    const where = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    const at = where === "" ? "" : ` at ${where}`;
    const { what: argument, endpoint, name } = this.#context;
    return new InputError(`${argument} ${what}${at}, which JSON cannot carry.`, { endpoint, parameter: name });
  }
}

/** The file that a value is, where it is one whose bytes are to be sent. */
export function asFile(value: object): Pick<FileSlot, "source" | "name" | "mimeType"> | undefined {
  if (value instanceof FileHandle) {
    const { source, name, mimeType } = value;
    return source instanceof URL ? undefined : { source, name: name ?? fileName(source), mimeType };
  }
  const source = fileContent(value);
  return source && { source, name: fileName(value), mimeType: undefined };
}

function fileName(value: unknown): string {
  return ownName(value) || "file";
}
