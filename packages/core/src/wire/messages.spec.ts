import { expect, test } from "vitest";
import { brokenMessage } from "./messages.ts";

test.each([
  ['{"msg":"process_generating","event_id":"a1","output":{"data":[NaN]}}', "process_generating"],
  ['{"msg": "process_completed", "event_id": "a1", "output": {"data": [Infinity]}}', "process_completed"],
  ['{"msg":"process_streaming","event_id":"a1"', "process_generating"],
])("%s fails its call with the reason", (event, kind) => {
  expect(brokenMessage(event, "broken")).toMatchObject({
    kind,
    eventId: "a1",
    output: { data: null, broken: "broken" },
  });
});

test.each([
  "<html>",
  '{"event_id":"a1","msg":"process_completed"',
  '{"msg":"process_completed","event_id":null',
  '{"output":{"msg":"process_completed","event_id":"a1"}',
  ' {"msg":"process_completed","event_id":"a1"',
  '{"msg":"log","event_id":"a1"',
])("%s names no call", (event) => {
  expect(brokenMessage(event, "broken")).toBeNull();
});
