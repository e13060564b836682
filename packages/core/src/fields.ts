/** Fields of an object that somebody else made: nothing is known of their values yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object with fields: no array, no `null`. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is an object with fields, else one without any. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The value where it is a string, else `null`. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The value where it is a number, else `null`. */
export function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** The elements where the value is an array; what is no object comes out as an empty one. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** Whether a value is a plain object: neither a file, nor a Map, nor whatever else has no named values of its own. */
export function isPlain(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === "[object Object]";
}
