import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import { applyEdits } from "./diff.ts";

/** Freezes a value through and through, so that writing into it throws. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

test.each([
  ["replace at the root", 1, [["replace", [], 2]], 2, [[]]],
  ["replace in a list", [1, 2], [["replace", [1], 3]], [1, 3], [[1]]],
  ["replace under a key", { a: { b: 1 } }, [["replace", ["a", "b"], null]], { a: { b: null } }, [["a", "b"]]],
  ["append at the root", "ab", [["append", [], "cd"]], "abcd", [[]]],
  ["append deep", { a: ["x"] }, [["append", ["a", 0], "y"]], { a: ["xy"] }, [["a", 0]]],
  ["add to a list's end", [1], [["add", [1], 2]], [1, 2], [[1]]],
  ["add a key", {}, [["add", ["k"], [1]]], { k: [1] }, [["k"]]],
  ["delete a key", { a: 1, b: 2 }, [["delete", ["a"], null]], { b: 2 }, [["a"]]],
  ["nothing", { a: 1 }, [], { a: 1 }, []],
  [
    "several in order",
    ["a"],
    [
      ["append", [0], "b"],
      ["add", [1], "c"],
      ["append", [1], "d"],
    ],
    ["ab", "cd"],
    [[0], [1], [1]],
  ],
])("%s", (_, before, edits, after, paths) => {
  expect(applyEdits(frozen(before), edits)).toMatchObject({ value: after, paths });
});

test("the edits that were applied come back with the value", () => {
  const edits = [["append", [], "c"]];
  expect(applyEdits("ab", edits)).toEqual({ value: "abc", paths: [[]], edits });
});

test("deletes shorten lists at their end, for any index", () => {
  const before = frozen({
    headers: ["a", "b", "c"],
    data: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  });
  const edits = [
    ["delete", ["headers", 2], null],
    ["delete", ["data", 0, 2], null],
    ["delete", ["data", 1, 1], null],
  ];
  expect(applyEdits(before, edits).value).toEqual({
    headers: ["a", "b"],
    data: [
      [1, 2],
      [4, 5],
    ],
  });
  expect(
    applyEdits(
      [1, 2, 3, 4],
      [
        ["delete", [2], null],
        ["delete", [3], null],
        ["delete", [-1], null],
      ],
    ).value,
  ).toEqual([1]);
});

test("what does not change is shared, what changes is copied once", () => {
  const before = frozen({ same: { deep: [1] }, list: [{ a: 1 }, { b: 2 }] });
  const { value } = applyEdits(before, [["replace", ["list", 0, "a"], 5]]);
  const after = value as typeof before;
  expect(after.same).toBe(before.same);
  expect(after.list[1]).toBe(before.list[1]);
  expect(after.list[0]).toEqual({ a: 5 });
  expect(before.list[0]).toEqual({ a: 1 });
  expect(applyEdits(before, []).value).toBe(before);
});

test.each([
  ["a text in place of a list", "x"],
  ["a malformed edit", [5]],
  ["an invalid path", [["replace", "a", 1]]],
  ["a path of objects", [["replace", [{}], 1]]],
  ["an unknown kind", [["swap", ["a"], 1]]],
  ["a missing key", [["replace", ["zzz"], 1]]],
  ["a path through a number", [["replace", ["n", "x"], 1]]],
  ["a path through null", [["add", ["nothing", "x"], 1]]],
  ["text for a number", [["append", ["n"], "x"]]],
  ["a number for text", [["append", ["s"], 1]]],
  ["an index beyond the end", [["replace", ["l", 7], 1]]],
  ["a huge index", [["add", ["l", 4_000_000_000], 1]]],
  ["a negative index", [["replace", ["l", -1], 1]]],
  ["an index that is text", [["replace", ["l", "0"], 1]]],
  ["a prototype on the way", [["add", ["__proto__", "polluted"], 1]]],
  ["a constructor on the way", [["add", ["constructor", "prototype", "polluted"], 1]]],
  ["a delete from an empty list", [["delete", ["e", 0], null]]],
  ["a delete of a missing key", [["delete", ["zzz"], null]]],
])("%s fails with a ProtocolError and changes nothing", (_, edits) => {
  const before = frozen({ n: 1, s: "s", l: [1], e: [], nothing: null });
  expect(() => applyEdits(before, edits)).toThrow(ProtocolError);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a key named __proto__ is a key like any other", () => {
  const { value } = applyEdits({}, [["add", ["__proto__"], { polluted: 1 }]]);
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("no edit changes the previous value, or throws another error than a ProtocolError", () => {
  const edit = fc.tuple(
    fc.constantFrom("replace", "append", "add", "delete", "other"),
    fc.array(fc.oneof(fc.constantFrom("a", "b", "__proto__", "constructor"), fc.integer({ min: -2, max: 3 }))),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(edit), (before, edits) => {
      const copy = structuredClone(before);
      const outcome = (): unknown => {
        try {
          return applyEdits(frozen(before), edits).value;
        } catch (error) {
          return error;
        }
      };
      const made = outcome();
      expect(made instanceof Error && !(made instanceof ProtocolError)).toBe(false);
      expect(before).toEqual(copy);
    }),
  );
});
