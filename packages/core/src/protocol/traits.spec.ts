import { expect, test } from "vitest";
import { traitsOf } from "./traits.ts";

test.each([
  ["sse_v1", "4.16.0", { diffs: false, quotedErrors: true, cancels: false, remembers: false, dequeues: false }],
  ["sse_v2", "4.20.1", { diffs: true, quotedErrors: true, cancels: false, remembers: false, dequeues: false }],
  ["sse_v3", "4.30.0", { diffs: true, quotedErrors: true, cancels: false, remembers: true, dequeues: false }],
  ["sse_v3", "4.31.0", { diffs: true, quotedErrors: true, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.1.9", { diffs: true, quotedErrors: true, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "5.2.0b1", { diffs: true, quotedErrors: false, cancels: true, remembers: true, dequeues: false }],
  ["sse_v3", "6.31.0", { diffs: true, quotedErrors: false, cancels: true, remembers: true, dequeues: true }],
  ["sse_v3", "unknown", { diffs: true, quotedErrors: false, cancels: true, remembers: true, dequeues: true }],
])("%s of Gradio %s", (protocol, version, traits) => {
  expect(traitsOf(protocol, version)).toEqual(traits);
});
