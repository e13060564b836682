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

// oxlint-disable-next-line no-control-regex -- these are the characters to replace
const control = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Returns a text with spaces for control and direction characters; tabs and line feeds stay. */
export function printableLines(untrusted: string): string {
  return untrusted.replaceAll("\r\n", "\n").replace(/[^\t\n]+/g, printable);
}

/** Returns a text with spaces for control and direction characters, which could clear a terminal or add lines to a log. */
export function printable(untrusted: string): string {
  return untrusted.replaceAll(control, " ");
}
