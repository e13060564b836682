import { createHash } from "node:crypto";
import { InputError } from "@gradio-rx/node";

const MAX_LENGTH = 512;

/**
 * Returns the default key of an input: the SHA-256 of its JSON with sorted object keys, in hexadecimal.
 *
 * @throws InputError for an input that cannot be written as JSON.
 * @example `key: (input) => input.id ?? keyOf(input)`
 */
export function keyOf(input: unknown): string {
  return hash(canonical(input));
}

/** @throws InputError for a key that is not a text, or is too long. */
export function checkKey(key: unknown, index: number): string {
  if (typeof key === "string" && key.length > 0 && key.length <= MAX_LENGTH) return key;
  const got = typeof key === "string" ? `a text of ${key.length} characters` : String(key);
  throw new InputError(
    `The option "key" has to return a text of 1 to ${MAX_LENGTH} characters, but returned ${got} for input ${index}.`,
    { parameter: "key" },
  );
}

/** Returns the SHA-256 of a text in hexadecimal. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function canonical(input: unknown): string {
  const text = toJson(input);
  if (text === undefined)
    throw new InputError('An input that is not JSON, such as one with a Blob, needs the option "key".');
  return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

/** Returns a value as JSON; `undefined` where JSON would lose something, such as the bytes of a Blob. */
export function toJson(value: unknown): string | undefined {
  try {
    let isPlain = true;
    const text = JSON.stringify(value, (_, part: unknown) => {
      if (isObject(part) && ![Object.prototype, null].includes(Object.getPrototypeOf(part))) isPlain = false;
      return part;
    });
    return isPlain ? text : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
