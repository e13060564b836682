import { isFields } from "../fields.ts";
import { fileData, type FileDialect, type FileHome } from "./dialect.ts";
import type { FileData } from "./files.ts";

/**
 * Makes a function that replaces the files in an output's value by {@link FileData}, at any depth. What it has seen it
 * remembers by identity: parts that a diff left as they were come out as they were.
 */
export function filePresenter(dialect: FileDialect, home: FileHome): (value: unknown) => unknown {
  const present = (value: unknown): FileData | null => {
    const file = dialect.read(value);
    return file && fileData(file, home);
  };
  const inside = replacer(present);
  // Where files go in the value itself, the value may be one.
  return (value) => (dialect.inline && typeof value === "string" ? (present(value) ?? value) : inside(value));
}

/** Makes a function that puts other objects in the places of some; what holds none of them comes out as it was. */
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
