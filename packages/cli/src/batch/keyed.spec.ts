import type { EndpointInfo } from "@gradio-rx/node";
import { expect, test } from "vitest";
import { parseInputs } from "./inputs.ts";
import { KeyedInputs } from "./keyed.ts";

const endpoint = { parameters: [{ name: "text" }] } as unknown as EndpointInfo;
const keyOf = (input: unknown): string => `hash of ${JSON.stringify(input)}`;

function keyed(text: string, field?: string): KeyedInputs {
  return new KeyedInputs(parseInputs(text, "jsonl", undefined), { field, endpoint, keyOf });
}

test("the field of the key is not sent, unless it is a parameter", () => {
  const text = '{"id":1,"text":"a"}\n';
  expect([...keyed(text, "id").data()]).toEqual([{ text: "a" }]);
  expect([...keyed(text, "text").data()]).toEqual([{ id: 1, text: "a" }]);
  expect(keyed(text, "id").find("1")).toEqual({ index: 0, input: { id: 1, text: "a" } });
});

test("of inputs with one key the first counts; without a field the key is a hash", () => {
  const inputs = keyed('{"id":"x","text":"a"}\n\n{"id":"x","text":"b"}\n', "id");
  expect([inputs.size, inputs.find("x")]).toEqual([1, { index: 0, input: { id: "x", text: "a" } }]);
  const hashed = keyed('["a"]');
  expect([hashed.keyAt(0), hashed.has('hash of ["a"]'), hashed.find("b")]).toEqual(['hash of ["a"]', true, undefined]);
});

test("a file as Gradio writes it becomes a reference that can be written as JSON", () => {
  const file = (path: string): object => ({ path, meta: { _type: "gradio.FileData" } });
  const text = JSON.stringify([file("a.png"), [file("https://example.com/b.png")], { ...file("c"), url: "https://x" }]);
  expect([...keyed(text).data()]).toEqual([
    ["@a.png", [{ $file: "https://example.com/b.png" }], { ...file("c"), url: "https://x" }],
  ]);
});

test.each([
  ['{"text":"a"}', 'Line 1 of the input has no field "id" for its key.'],
  ['\n["a"]', 'Line 2 of the input is an array, which has no field "id" for its key.'],
  ['{"id":true}', 'Line 1 of the input: the field "id" has to be a number or a text of 1 to 512 characters.'],
  [`{"id":"${"x".repeat(513)}"}`, "of 1 to 512 characters"],
  ['{"id":""}', "of 1 to 512 characters"],
  ['{"__proto__":{"id":"x"}}', 'has no field "id"'],
])("%s is refused", (text, message) => {
  expect(() => keyed(text, "id")).toThrow(message);
});
