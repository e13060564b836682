// Checks of the values that options can have.

/** Returns the problem of an invalid value of an option; `undefined` for a valid one. */
export type Check = (value: unknown) => string | undefined;

export const isFunction: Check = (value) => (typeof value === "function" ? undefined : "must be a function");
export const isString: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "must be a string");
export const isUrl: Check = (value) => {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value) || !URL.canParse(value))
    return "must be an http(s) URL";
  const { username, password } = new URL(value);
  return username + password === "" ? undefined : "must not contain a user or a password";
};
export const isBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
export const isObject: Check = (value) =>
  typeof value === "object" && value !== null ? undefined : "must be an object";
export const isDuration: Check = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "must be a number of milliseconds, 0 or more";
export const isCount: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 0)
    ? undefined
    : "must be a whole number, 0 or more";
/** Checks a count of at least 1. */
export const isPositive: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 1)
    ? undefined
    : "must be a whole number, 1 or more";
export const isSignal: Check = (value) =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
    ? undefined
    : "must be an AbortSignal";
export const isToken: Check = (value) =>
  typeof value === "function" ? undefined : isString(value) && "must be a string or a function";
export const isList: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "function")
    ? undefined
    : "must be an array of functions";
// The errors do not show values: a header may be a secret.
export const isHeaders: Check = (value) => {
  if (isObject(value)) return "must be an object of strings";
  try {
    // Headers refuses a value with a line break, which would add another header.
    return void new Headers(value as HeadersInit);
  } catch {
    return "has a name or a value that is not allowed in an HTTP header";
  }
};
/** Checks an object: its fields must be those of the table, and each must pass its check. */
export const hasFields =
  (table: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (isObject(value)) return "must be an object";
    const fields = value as Record<string, unknown>;
    const names = Object.keys(table);
    const wrong = Object.keys(fields).find((key) => !names.includes(key));
    if (wrong !== undefined) return `has an unknown field ${JSON.stringify(wrong)}; expected ${names.join(", ")}`;
    for (const name of names) {
      const problem = fields[name] === undefined ? undefined : table[name]!(fields[name]);
      if (problem) return `${name} ${problem}`;
    }
    return undefined;
  };
export const isQuery: Check = (value) => {
  if (isObject(value) || Array.isArray(value)) return "must be an object of strings or a URLSearchParams";
  const values = value instanceof URLSearchParams ? [] : Object.values(value as object);
  return values.every((one) => one === undefined || typeof one === "string")
    ? undefined
    : "must have strings as values";
};
export const isExactParse: Check = (value) => {
  if (typeof value !== "boolean") return isBoolean(value);
  if (!value || parsesExactly()) return undefined;
  return "needs a platform whose JSON.parse gives access to the source text";
};
/** Whether the platform's `JSON.parse` passes the digits of a number to its reviver. */
function parsesExactly(): boolean {
  let exact = false;
  const reviver = (_: string, value: unknown, context?: { source?: string }): unknown => {
    exact = context?.source === "9007199254740993";
    return value;
  };
  JSON.parse("9007199254740993", reviver);
  return exact;
}
