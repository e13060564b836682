import { expect, test } from "vitest";
import { unquote } from "./repr.ts";

test.each([
  ["'bad thing'", "bad thing"],
  [`"it's"`, "it's"],
  [`'it\\'s "so"'`, `it's "so"`],
  [String.raw`'a\nb\tc\\d'`, "a\nb\tc\\d"],
  [String.raw`'\x07\u2028\U0001f600'`, "\u0007\u2028😀"],
  [String.raw`'\U99999999'`, "\uFFFD"],
  ["plain", "plain"],
  ["'half", "'half"],
  ["'", "'"],
  ["", ""],
])("%j was %j", (quoted, text) => {
  expect(unquote(quoted)).toBe(text);
});
