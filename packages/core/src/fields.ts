/** Fields of an untrusted object, with values of unknown types. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object, but not an array or `null`. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the value where it is an object, else an empty object. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Returns the value where it is a string, else `null`. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Returns the value where it is a number, else `null`. */
export function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Returns the elements of an array, with an empty object in place of any that is not an object; `[]` for another value. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** Whether a value is a plain object, and not an instance such as a Blob or a Map. */
export function isPlain(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Returns defaults overridden by the given options. An option whose value is `undefined` counts as left out. */
export function mergeOptions<Options extends object>(
  defaults: Options,
  given: { [Name in keyof Options]?: Options[Name] | undefined } = {},
): Options {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** Maximum number of names that an error lists. */
const MAX_LISTED = 10;
/** Maximum number of characters of a listed name. */
const MAX_SHOWN = 200;

/**
 * Returns names as an error lists them: at most 10, as in `a, b and 3 more`, each with at most 200 characters. Returns `none` for an
 * empty list.
 */
export function listed(names: readonly string[], separator = ", "): string {
  const rest = names.length - MAX_LISTED;
  const short = (name: string): string => (name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);
  const shown = names.slice(0, MAX_LISTED).map(short).join(separator);
  return rest > 0 ? `${shown} and ${rest} more` : shown || "none";
}
