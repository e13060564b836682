import { expect, test } from "vitest";
import { traitsOf, unquote } from "./choose.ts";

test.each([
  ["sse_v1", "4.16.0", { diffs: false, unquote, cancels: false, remembers: false, dequeues: false }],
  ["sse_v2", "4.20.1", { diffs: true, unquote, cancels: false, remembers: false, dequeues: false }],
  ["sse_v3", "4.30.0", { diffs: true, unquote, cancels: false, remembers: true, dequeues: false }],
  ["sse_v3", "4.31.0", { diffs: true, unquote, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.1.9", { diffs: true, unquote, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.2.0b1", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "6.31.0", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: true }],
  ["sse_v3", "unknown", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: true }],
])("%s of Gradio %s", (protocol, version, traits) => {
  expect(traitsOf(protocol, version)).toEqual(traits);
});

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
