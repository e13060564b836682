import { isPlain } from "../controller/same-value.ts";

/** Names that stand for objects in keys. Random, so that a key of a stored cache never means another object. */
const names = new WeakMap<object, string>();

/** Returns the name that stands for an object in keys: the same for the same object. */
export function nameOf(value: object): string {
  let name = names.get(value);
  if (name === undefined) names.set(value, (name = `object ${Math.random().toString(36).slice(2)}`));
  return name;
}

/** Returns a copy of a call's data whose JSON differs for different calls. Files and other instances of classes are compared by identity. */
export function keyOf(data: unknown): unknown {
  if (typeof data === "bigint") return { bigint: String(data) };
  if (typeof data !== "object" || data === null || data instanceof Date) return data;
  if (Array.isArray(data)) return data.map(keyOf);
  if (isPlain(data)) return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, keyOf(value)]));
  return nameOf(data);
}
