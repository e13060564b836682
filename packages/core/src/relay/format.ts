import type { Change } from "../events.ts";
import { isFields } from "../fields.ts";

// The format of a relay: its version, values with bigints as JSON, and edits between outputs.

/** Version of the format. The first message of a relay contains it. */
export const RELAY_VERSION = 1;

/** Key of an object that represents a bigint in JSON. Keys of apps that begin with `~` get another `~`. */
const BIGINT = "~bigint";

type Rewrite = (value: unknown) => unknown;

/**
 * Returns a function that prepares values for JSON: bigints become objects, and paths of this machine are left out of files. What needs no
 * change is returned as it is, so values that share parts go on sharing them.
 */
export function packer(): Rewrite {
  return rewriter((value) => {
    if (typeof value === "bigint") return { [BIGINT]: String(value) };
    if (!isFields(value)) return value;
    const isFile = "localPath" in value && "path" in value && "url" in value;
    const keys = Object.keys(value);
    if (!isFile && !keys.some((key) => key.startsWith("~"))) return value;
    const kept = keys.filter((key) => !isFile || key !== "localPath");
    return Object.fromEntries(kept.map((key) => [key.startsWith("~") ? `~${key}` : key, value[key]]));
  });
}

/** Returns a function that reverts the changes of {@link packer}, except for removed paths. */
export function unpacker(): Rewrite {
  return rewriter((value) => {
    if (!isFields(value)) return value;
    const keys = Object.keys(value);
    if (!keys.some((key) => key.startsWith("~"))) return value;
    const digits = value[BIGINT];
    if (keys.length === 1 && typeof digits === "string" && /^-?\d{1,10000}$/.test(digits)) return BigInt(digits);
    return Object.fromEntries(keys.map((key) => [key.startsWith("~~") ? key.slice(1) : key, value[key]]));
  });
}

/** Rewrites a value from its parts up. An object that was rewritten once is known the next time. */
function rewriter(one: Rewrite): Rewrite {
  const known = new WeakMap<object, unknown>();
  const rewrite = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return one(value);
    if (known.has(value)) return known.get(value);
    const parts = Array.isArray(value) ? rewriteList(value) : isFields(value) ? rewriteFields(value) : value;
    const result = one(parts);
    known.set(value, result);
    return result;
  };
  const rewriteList = (list: readonly unknown[]): readonly unknown[] => {
    const next = list.map(rewrite);
    return next.every((item, index) => item === list[index]) ? list : next;
  };
  const rewriteFields = (fields: Record<string, unknown>): Record<string, unknown> => {
    const entries = Object.entries(fields).map(([key, part]): [string, unknown] => [key, rewrite(part)]);
    return entries.every(([key, part]) => part === fields[key]) ? fields : Object.fromEntries(entries);
  };
  return rewrite;
}

/** One edit, as Gradio's wire has them. */
type Edit = readonly [operation: "append" | "replace" | "add", path: readonly (string | number)[], value: unknown];

/** Maximum number of edits of one output. With more edits, the whole output is sent. */
const MOST_EDITS = 50;

/**
 * Returns the edits that lead from each output to the next; `null` for an output that stays as it is. Returns `null` where the outputs are
 * better sent whole.
 */
export function editsBetween(before: readonly unknown[], after: readonly unknown[]): (Edit[] | null)[] | null {
  if (before.length !== after.length) return null;
  const lists: (Edit[] | null)[] = [];
  for (const [index, value] of after.entries()) {
    const edits: Edit[] = [];
    if (!compare(before[index], value, [], edits)) return null;
    lists.push(edits.length === 0 ? null : edits);
  }
  return lists;
}

/** Returns the places that edits change. */
export function placesOf(edits: ReturnType<typeof editsBetween>): Change[] {
  return (edits ?? []).flatMap((list, output) => (list || []).map(([, path]) => ({ output, path })));
}

/** Adds the edits from one value to another. Returns whether there are few enough. */
function compare(before: unknown, after: unknown, path: readonly (string | number)[], edits: Edit[]): boolean {
  if (Object.is(before, after)) return true;
  if (typeof before === "string" && typeof after === "string" && before !== "" && after.startsWith(before))
    edits.push(["append", path, after.slice(before.length)]);
  else if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length) {
    for (const [index, value] of after.entries()) {
      if (index >= before.length) edits.push(["add", [...path, index], value]);
      else compare(before[index], value, [...path, index], edits);
      if (edits.length > MOST_EDITS) return false;
    }
  } else if (isFields(before) && isFields(after) && Object.keys(before).every((key) => Object.hasOwn(after, key))) {
    for (const [key, value] of Object.entries(after)) {
      if (!Object.hasOwn(before, key)) edits.push(["add", [...path, key], value]);
      else compare(before[key], value, [...path, key], edits);
      if (edits.length > MOST_EDITS) return false;
    }
  } else edits.push(["replace", path, after]);
  return edits.length <= MOST_EDITS;
}
