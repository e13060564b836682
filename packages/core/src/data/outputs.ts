import { isFields } from "../fields.ts";
import { type FileAddresses, fromWireFile, isWireFile } from "./files.ts";

/**
 * Makes a function that replaces the files in an output's value by {@link FileData}, at any depth. What it has seen it
 * remembers by identity: parts that a diff left as they were come out as they were.
 */
export function filePresenter(addresses: FileAddresses): (value: unknown) => unknown {
  const seen = new WeakMap<object, unknown>();
  const present = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    let made = seen.get(value);
    if (made === undefined) seen.set(value, (made = parts(value)));
    return made;
  };
  const parts = (value: object): unknown => {
    if (Array.isArray(value)) return mapped(value, (part) => present(part));
    if (!isFields(value)) return value;
    if (isWireFile(value, addresses.loose)) return fromWireFile(value, addresses);
    const made = Object.entries(value).map(([key, part]) => [key, present(part)] as const);
    // From entries, as an assignment to a key named "__proto__" would change the copy's prototype.
    return made.some(([key, part]) => part !== value[key]) ? Object.fromEntries(made) : value;
  };
  return present;
}

/** The array itself where nothing in it is replaced. */
function mapped(values: readonly unknown[], make: (value: unknown) => unknown): readonly unknown[] {
  const made = values.map(make);
  return made.some((value, index) => value !== values[index]) ? made : values;
}
