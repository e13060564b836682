import { isFields } from "../fields.ts";
import { fileData, type FileDialect, type FileHome } from "./dialect.ts";
import type { FileData } from "./files.ts";

/** Maps the values of one output from the wire to those for the caller: files become {@link FileData}, at any depth. */
export interface OutputMapper {
  /** Maps a whole value. Parts that it has mapped before come out as the same objects. */
  map(value: unknown): unknown;
  /**
   * Maps edits of a value, so that they lead from the mapped value before to the mapped value after.
   *
   * @param edits - valid wire edits (PROTOCOL.md, 4).
   * @returns `null` where an edit is inside a file: then the value has to be mapped as a whole.
   */
  mapEdits(edits: readonly unknown[], before: unknown, after: unknown): readonly unknown[] | null;
}

/** Makes the mapper of an output whose files are written in a dialect. */
export function outputMapper(dialect: FileDialect, home: FileHome): OutputMapper {
  const present = (value: unknown): FileData | null => {
    const file = dialect.read(value);
    return file && fileData(file, home);
  };
  const inside = replacer(present);
  const isFile = (value: unknown): boolean => dialect.read(value) !== null;
  // In Gradio 3 the value itself may be the address of a file.
  const map = (value: unknown): unknown =>
    dialect.inline && typeof value === "string" ? (present(value) ?? value) : inside(value);
  return {
    map,
    mapEdits(edits, before, after) {
      const mapped: unknown[] = [];
      for (const edit of edits) {
        if (!Array.isArray(edit) || !Array.isArray(edit[1])) return null;
        const [operation, path, value]: unknown[] = edit;
        if (passes(before, path, isFile) || passes(after, path, isFile)) return null;
        mapped.push([operation, path, map(value)]);
      }
      return mapped;
    },
  };
}

/** Whether a path leads into a value that passes a test. */
function passes(value: unknown, path: unknown, test: (value: unknown) => boolean): boolean {
  let at = value;
  for (const key of Array.isArray(path) ? path : []) {
    if (typeof at !== "object" || at === null) return false;
    if (test(at)) return true;
    at = Object.hasOwn(at, String(key)) ? Reflect.get(at, String(key)) : undefined;
  }
  return false;
}

/** Makes a function that replaces some objects in a value by others; a value that holds none of them is returned as it is. */
export function replacer(replace: (value: object) => object | null): (value: unknown) => unknown {
  const seen = new WeakMap<object, unknown>();
  const at = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    let made = seen.get(value);
    if (made === undefined) seen.set(value, (made = replace(value) ?? parts(value)));
    return made;
  };
  const parts = (value: object): unknown => {
    if (Array.isArray(value)) {
      const made = value.map((part: unknown) => at(part));
      return made.some((part, index) => part !== value[index]) ? made : value;
    }
    if (!isFields(value)) return value;
    const made = Object.entries(value).map(([key, part]) => [key, at(part)] as const);
    // From entries, as an assignment to a key named "__proto__" would change the copy's prototype.
    return made.some(([key, part]) => part !== value[key]) ? Object.fromEntries(made) : value;
  };
  return at;
}
