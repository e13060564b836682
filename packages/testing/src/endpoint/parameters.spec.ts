import { expect, test } from "vitest";
import { readParameters } from "./parameters.ts";

test("names and literal defaults are read from the source text of a function", () => {
  const read = readParameters(
    (_text = "a, b)", _level = 0.5, _flag = true, _list = [1, 2], _other: unknown = null) => 0,
  );
  expect(read?.map(({ name, value }) => [name, value])).toEqual([
    ["_text", "a, b)"],
    ["_level", 0.5],
    ["_flag", true],
    ["_list", [1, 2]],
    ["_other", null],
  ]);
});

test.for([
  ["a function", function named(_one: number, _two: number) {}],
  ["an async arrow function", async (_one: number, _two: number) => {}],
  ["a generator", function* named(_one: number, _two: number) {}],
] as const)("parameters of %s are found", ([, fn]) => {
  expect(readParameters(fn)?.map(({ name }) => name)).toEqual(["_one", "_two"]);
});

test("a pattern has no name, but keys", () => {
  const read = readParameters(
    (_text: string, { progress: _p, signal: _s }: { progress: unknown; signal: unknown }) => 0,
  );
  expect(read).toEqual([
    { name: "_text", keys: [] },
    { name: undefined, keys: ["progress", "signal"] },
  ]);
});

test("rest parameters and native functions cannot be read", () => {
  expect(readParameters((..._all: unknown[]) => 0)).toBeUndefined();
  expect(readParameters(Math.max)).toBeUndefined();
});
