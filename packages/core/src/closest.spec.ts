import { expect, test } from "vitest";
import { didYouMean } from "./closest.ts";

test.each([
  ["hf_token", ["timeout", "token", "headers"], ' Did you mean "token"?'],
  ["TIMOUT", ["timeout", "token"], ' Did you mean "timeout"?'],
  ["x", ["timeout", "token"], ""],
  ["anything", [], ""],
])("%s among %j", (name, known, sentence) => {
  expect(didYouMean(name, known)).toBe(sentence);
});

test("a whole text in place of a name is not compared", () => {
  expect(didYouMean("a".repeat(1_000_000), ["a".repeat(1_000_000)])).toBe("");
});
