/** One edit of a streamed value, as the wire has it. */
export type Edit = [operation: "replace" | "append" | "add" | "delete", path: (string | number)[], value: unknown];

/**
 * Computes the edits from one value to the next as Gradio does, including its bug.
 *
 * Lists are shortened at their end. The index of each deletion is reduced by the number of deletions before it *in the whole
 * enclosing list*, once for each enclosing list. Deletions in sibling lists therefore have wrong, even negative, indexes. A
 * reader gets the right value if it removes the last element for each deletion.
 *
 * `1` equals `true`, and `0` equals `false`, as they do in Python.
 */
export function diff(from: unknown, to: unknown): Edit[] {
  return edits(from, to, []);
}

/** Returns the edits of an output that is always sent whole. */
export function replaceWhole(from: unknown, to: unknown): Edit[] {
  return equal(from, to) ? [] : [["replace", [], to]];
}

function edits(from: unknown, to: unknown, path: (string | number)[]): Edit[] {
  if (equal(from, to)) return [];
  if (typeof from === "string" && typeof to === "string" && to.startsWith(from)) {
    return [["append", path, to.slice(from.length)]];
  }
  if (Array.isArray(from) && Array.isArray(to)) return listEdits(from, to, path);
  if (isRecord(from) && isRecord(to)) return recordEdits(from, to, path);
  return [["replace", path, to]];
}

function listEdits(from: unknown[], to: unknown[], path: (string | number)[]): Edit[] {
  const result: Edit[] = [];
  const common = Math.min(from.length, to.length);
  for (let at = 0; at < common; at += 1) result.push(...edits(from[at], to[at], [...path, at]));
  for (let at = common; at < from.length; at += 1) result.push(["delete", [...path, at], null]);
  for (let at = common; at < to.length; at += 1) result.push(["add", [...path, at], to[at]]);
  let deletions = 0;
  for (const [operation, where] of result) {
    const index = where.at(-1);
    if (operation === "delete" && typeof index === "number") {
      where[where.length - 1] = index - deletions;
      deletions += 1;
    }
  }
  return result;
}

function recordEdits(from: Record<string, unknown>, to: Record<string, unknown>, path: (string | number)[]): Edit[] {
  const result: Edit[] = [];
  for (const key of Object.keys(from)) {
    if (Object.hasOwn(to, key)) result.push(...edits(from[key], to[key], [...path, key]));
    else result.push(["delete", [...path, key], null]);
  }
  for (const key of Object.keys(to)) if (!Object.hasOwn(from, key)) result.push(["add", [...path, key], to[key]]);
  return result;
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isScalar(one) && isScalar(other)) return Number(one) === Number(other);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => equal(item, other[at]));
  }
  if (!isRecord(one) || !isRecord(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && equal(one[key], other[key]));
}

function isScalar(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
