import { InputError } from "../errors.ts";
import { isPlain } from "../fields.ts";
import type { FileDialect } from "./dialect.ts";
import { fileContent, FileHandle, fileList, fileName, type FileStream, isFileData } from "./files.ts";

/** A file in the data of a call that is to be uploaded. */
export interface FileSlot {
  /** Name of its parameter, else its position. */
  parameter: string;
  /** The bytes, or a function that opens them when they are needed. A stream can be read once. */
  source: Blob | FileStream | (() => Promise<Blob>);
  name: string;
  mimeType: string | undefined;
  /** Encoding of its reference. */
  dialect: FileDialect;
  /** Puts the reference of the uploaded file into the data of the call. */
  setReference: (reference: unknown) => void;
}

/** Returns the key of an upload: slots with the same key are uploaded once. Inline bytes are sent with each argument. */
export function uploadKey(slot: FileSlot): unknown {
  return slot.dialect.inline ? slot : slot.source;
}

/** The argument that is copied. */
export interface JsonContext {
  /** Name of the parameter, else its position. */
  name: string;
  /** Parameter and endpoint as an error names them. */
  label: string;
  endpoint: string;
  /** Whether the parameter accepts files. */
  acceptsFiles: boolean;
  /** Encoding of files. */
  dialect: FileDialect;
  /** Receives the files of the argument. */
  files: FileSlot[];
  /** Replaces the whole argument. */
  replace: (value: unknown) => void;
}

/** Maximum nesting of a value. A deeper one would overflow the stack, here or in the app. */
const MAX_DEPTH = 1_000;

type SetValue = (value: unknown) => void;
type Path = readonly (string | number)[];

/**
 * Copies a value as JSON can represent it, with `null` in place of files that are to be uploaded.
 *
 * @throws InputError naming the path, for a value that JSON cannot represent (functions, symbols, cycles, NaN, Infinity, maps,
 *   sets …), and for a file where the parameter accepts none.
 */
export function toJson(value: unknown, context: JsonContext): unknown {
  try {
    return new Copier(context).copy(value, [], context.replace);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    // A getter or a toJSON method of the caller has thrown.
    const { label, endpoint, name } = context;
    throw new InputError(`${label} could not be read.`, { cause, endpoint, parameter: name });
  }
}

/**
 * Returns a copy of the arrays and plain objects in a value, so that it can be read later than it was given. Files and other instances
 * are not copied. A value that cannot be read is returned as it is.
 */
export function copyContainers(value: unknown): unknown {
  const copies = new Map<unknown, unknown>();
  const copy = (part: unknown): unknown => {
    const isList = Array.isArray(part);
    if (copies.has(part)) return copies.get(part);
    if (!isList && !(typeof part === "object" && part !== null && isPlain(part) && !(part instanceof FileHandle)))
      return part;
    const made: unknown[] | Record<string, unknown> = isList ? [] : {};
    copies.set(part, made);
    for (const [key, inner] of Object.entries(part))
      Object.defineProperty(made, key, { value: copy(inner), writable: true, enumerable: true, configurable: true });
    return made;
  };
  try {
    return copy(value);
  } catch {
    return value;
  }
}

class Copier {
  readonly #context: JsonContext;
  /** Objects that contain the current value. */
  readonly #ancestors = new Set<object>();

  constructor(context: JsonContext) {
    this.#context = context;
  }

  copy(value: unknown, path: Path, set: SetValue): unknown {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "undefined":
        return value;
      case "number":
        if (!Number.isFinite(value)) throw this.#unrepresentable(`is ${value}`, path);
        return value;
      case "bigint":
        return exactInteger(value) ?? this.#noBigints(path);
      case "object":
        return value === null ? null : this.#object(value, path, set);
      default:
        throw this.#unrepresentable(`is a ${typeof value}`, path);
    }
  }

  #object(value: object, path: Path, set: SetValue): unknown {
    const { dialect, name: parameter, files } = this.#context;
    if (isFileData(value)) return dialect.write(value);
    if (value instanceof FileHandle && value.source instanceof URL) {
      const { source, name: origName, mimeType } = value;
      return dialect.write({ path: source.href, url: source.href, origName, mimeType });
    }
    const file = uploadSource(value);
    if (file) {
      if (!this.#context.acceptsFiles) throw this.#noFiles(value, path);
      files.push({ parameter, ...file, dialect, setReference: set });
      return null;
    }
    if (this.#ancestors.has(value)) throw this.#unrepresentable("contains itself", path);
    if (this.#ancestors.size >= MAX_DEPTH)
      throw this.#unrepresentable(`is nested more than ${MAX_DEPTH} levels deep`, []);
    this.#ancestors.add(value);
    const copy = this.#parts(value, path, set);
    this.#ancestors.delete(value);
    return copy;
  }

  #parts(value: object, path: Path, set: SetValue): unknown {
    if ("toJSON" in value && typeof value.toJSON === "function")
      return this.copy(value.toJSON(path.at(-1) ?? ""), path, set);
    const list = fileList(value);
    if (list) {
      const copy: unknown[] = [];
      list.forEach((part: unknown, index) => {
        copy[index] = this.copy(part, [...path, index], (given) => (copy[index] = given)) ?? null;
      });
      return copy;
    }
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    if (!["Object", "String", "Number", "Boolean", "BigInt"].includes(kind))
      throw this.#unrepresentable(`is a ${kind}`, path);
    if (kind !== "Object") return this.copy(value.valueOf(), path, set);
    const copy: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(value)) {
      const put = (given: unknown): unknown =>
        // An assignment to "__proto__" would change the prototype of the copy.
        Object.defineProperty(copy, key, { value: given, writable: true, enumerable: true, configurable: true });
      const copied = this.copy(part, [...path, key], put);
      if (copied !== undefined) put(copied);
    }
    return copy;
  }

  #noFiles(value: object, path: Path): InputError {
    const advice = ArrayBuffer.isView(value) ? " Pass numbers as an array, by Array.from(…)." : "";
    return this.#refuse(`accepts no files, but a Blob, bytes or a stream was passed.${advice}`, path);
  }

  #noBigints(path: Path): never {
    throw this.#refuse(
      "is a bigint beyond 2^53, which this platform cannot send exactly (it has no JSON.rawJSON).",
      path,
    );
  }

  #unrepresentable(problem: string, path: Path): InputError {
    return this.#refuse(problem, path, ", which JSON cannot represent.");
  }

  #refuse(problem: string, path: Path, end = ""): InputError {
    const at = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    const { label, endpoint, name } = this.#context;
    const place = at === "" ? label : `${label}, at ${at},`;
    return new InputError(`${place} ${problem}${end}`, { endpoint, parameter: name });
  }
}

/** Returns a value that JSON.stringify writes with all digits of an integer; `undefined` where the platform has none. */
function exactInteger(value: bigint): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  const rawJson: unknown = Reflect.get(JSON, "rawJSON");
  return typeof rawJson === "function" ? Reflect.apply(rawJson, JSON, [String(value)]) : undefined;
}

/** Returns the bytes and the name of a value that is to be uploaded; `undefined` for any other value. */
export function uploadSource(value: object): Pick<FileSlot, "source" | "name" | "mimeType"> | undefined {
  if (value instanceof FileHandle) {
    const { source, name, mimeType } = value;
    return source instanceof URL ? undefined : { source, name: name ?? (fileName(source) || "file"), mimeType };
  }
  const source = fileContent(value);
  return source && { source, name: fileName(value) || "file", mimeType: undefined };
}
