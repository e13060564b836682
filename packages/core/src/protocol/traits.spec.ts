import { expect, test } from "vitest";
import { unquote } from "../wire/repr.ts";
import { traitsOf } from "./traits.ts";

test.each([
  ["sse_v1", "4.16.0", { diffs: false, unquote, cancels: false, remembers: false, dequeues: false }],
  ["sse_v2", "4.20.1", { diffs: true, unquote, cancels: false, remembers: false, dequeues: false }],
  ["sse_v3", "4.30.0", { diffs: true, unquote, cancels: false, remembers: true, dequeues: false }],
  ["sse_v3", "4.31.0", { diffs: true, unquote, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.1.9", { diffs: true, unquote, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.2.0b1", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "6.31.0", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: true }],
  ["sse_v3", "unknown", { diffs: true, unquote: null, cancels: true, remembers: true, dequeues: true }],
])("%s of Gradio %s", async (protocol, version, traits) => {
  expect(await traitsOf(protocol, version)).toEqual(traits);
});
