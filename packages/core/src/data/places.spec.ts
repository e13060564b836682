import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonSchema } from "../app/endpoints.ts";
import { placeFiles } from "./places.ts";

const text = { type: "string" };
const $defs = {
  File: { type: "object", properties: { path: text, meta: {} } },
  Image: { type: "object", properties: { image: { $ref: "#/$defs/File" }, caption: text }, required: ["image"] },
  Video: { type: "object", properties: { video: { $ref: "#/$defs/File" }, caption: text }, required: ["video"] },
  Text: { type: "object", properties: { text, type: { const: "text" } }, required: ["text"] },
  Attached: {
    type: "object",
    properties: { file: { $ref: "#/$defs/File" }, type: { const: "file" } },
    required: ["file"],
  },
};
const list = (...names: string[]): JsonSchema => ({
  $defs,
  type: "array",
  items: { anyOf: names.map((name) => ({ $ref: `#/$defs/${name}` })) },
});
const made = (value: unknown): unknown => (typeof value === "string" ? `file ${value}` : value);

test("a gallery: strings are pictures or films by their names, captions stay texts", () => {
  const value = ["a.png", "b.mp4", { image: "c.png", caption: "c.png" }, null, 7];
  expect(placeFiles(value, list("Image", "Video"), made)).toEqual([
    { image: "file a.png" },
    { video: "file b.mp4" },
    { image: "file c.png", caption: "c.png" },
    null,
    7,
  ]);
});

test("messages: a file's place is told by what kind of message it is; a bare text is never a file", () => {
  const value = [{ type: "text", text: "a.png", file: "x" }, { type: "file", file: "a.png" }, "a.png"];
  expect(placeFiles(value, list("Text", "Attached"), made)).toEqual([
    { type: "text", text: "a.png", file: "x" },
    { type: "file", file: "file a.png" },
    "a.png",
  ]);
});

test("where a text would do as well, a string is a text", () => {
  const schema = { $defs, anyOf: [text, { $ref: "#/$defs/File" }] };
  expect(placeFiles("a.png", schema, made)).toBe("a.png");
});

test("what has no file in it comes out as the same object, whatever it is, also where it holds itself", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(placeFiles(value, { type: "object", properties: { x: {} } }, made)).toBe(value);
    }),
  );
  const loop: unknown[] = [];
  loop.push(loop);
  const endless = { $defs: { Loop: { items: { $ref: "#/$defs/Loop" } } }, $ref: "#/$defs/Loop" };
  expect(placeFiles(loop, endless, made)).toBe(loop);
  const blind = { $defs: { Loop: { $ref: "#/$defs/Loop" } }, $ref: "#/$defs/Loop" };
  expect(placeFiles("a.png", blind, made)).toBe("a.png");
});
