import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Edit } from "./diff.ts";
import { diff, replaceWhole } from "./diff.ts";

const json = fc.jsonValue({ maxDepth: 4 });
// Nearly equal values: what a generator yields one after the other, and where lists grow and shrink.
const { value: nested } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("", "a", "ab", 0, 2, 2.5, null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("x", "y", "z"), tie("value"), { maxKeys: 3 }),
  ),
}));

test.for([
  ["any JSON", json],
  ["values that share much", nested],
] as const)(
  "edits lead from one value to the next, if every deletion in a list removes its last element: %s",
  ([, values]) => {
    fc.assert(
      fc.property(values, values, (from, to) => {
        fc.pre(!hasScalars(from) || !hasScalars(to));
        expect(applyAll(from, diff(from, to))).toEqual(to);
      }),
      { numRuns: 1000 },
    );
  },
);

test("deletions in sibling lists carry Gradio's wrong indexes", () => {
  expect(
    diff(
      {
        data: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      {
        data: [
          [1, 2],
          [4, 5],
        ],
      },
    ),
  ).toEqual([
    ["delete", ["data", 0, 2], null],
    ["delete", ["data", 1, 1], null],
  ]);
  expect(diff([[1, 2], [3]], [[1]])).toEqual([
    ["delete", [0, 1], null],
    ["delete", [0], null],
  ]);
});

test("growing texts are appended to, others are replaced; equal values need no edit", () => {
  expect(diff("one", "one two")).toEqual([["append", [], " two"]]);
  expect(diff("one", "two")).toEqual([["replace", [], "two"]]);
  expect(diff({ a: [1] }, { a: [1] })).toEqual([]);
  expect(diff(1, true)).toEqual([]);
  expect(replaceWhole([1], [1, 2])).toEqual([["replace", [], [1, 2]]]);
  expect(replaceWhole([1], [1])).toEqual([]);
});

/** `0` and `false` are equal to the server: it rightly sends no edit, and the value stays as it was. */
function hasScalars(value: unknown): boolean {
  const text = JSON.stringify(value);
  return /\b(true|false)\b|\b[01]\b/.test(text);
}

function applyAll(value: unknown, edits: readonly Edit[]): unknown {
  let root: unknown = structuredClone(value);
  for (const [operation, path, given] of structuredClone(edits)) {
    if (path.length === 0) {
      root = operation === "append" ? String(root) + String(given) : given;
      continue;
    }
    let parent: unknown = root;
    for (const key of path.slice(0, -1)) parent = Reflect.get(Object(parent), key);
    const last = path.at(-1) ?? "";
    if (Array.isArray(parent) && operation === "delete") parent.pop();
    else if (Array.isArray(parent) && operation === "add") parent.push(given);
    else if (operation === "delete") Reflect.deleteProperty(Object(parent), last);
    else
      define(parent, last, operation === "append" ? String(Reflect.get(Object(parent), last)) + String(given) : given);
  }
  return root;
}

/** Sets a key, be it `__proto__`. */
function define(target: unknown, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
