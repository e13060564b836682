import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonSchema } from "../app/endpoints.ts";
import { InputError } from "../errors.ts";
import { FileHandle, type FileData } from "./files.ts";
import { acceptsFiles } from "./arguments.ts";
import { fitFiles } from "./file-arguments.ts";

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
/** The argument with the files that are made of paths as texts. */
function fit(value: unknown, type: JsonSchema, file: "one" | "many" | "inside" | null = "inside"): unknown {
  return fitFiles(value, {
    parameter: { file, type },
    localFile: (path) => new FileHandle(() => Promise.reject(new Error(path)), { name: `file ${path}` }),
    refuse: (problem) => new InputError(`p ${problem}`),
  });
}
const path = (name: string): unknown => expect.objectContaining({ name: `file ${name}` });

test("a gallery: strings are pictures or films by their names, captions stay texts", () => {
  const value = ["a.png", "b.mp4", { image: "c.png", caption: "c.png" }, null, 7];
  expect(fit(value, list("Image", "Video"))).toEqual([
    { image: path("a.png") },
    { video: path("b.mp4") },
    { image: path("c.png"), caption: "c.png" },
    null,
    7,
  ]);
});

test("messages: the kind of a message says where its file is; a bare text is never a file", () => {
  const value = [{ type: "text", text: "a.png", file: "x" }, { type: "file", file: "a.png" }, "a.png"];
  expect(fit(value, list("Text", "Attached"))).toEqual([
    { type: "text", text: "a.png", file: "x" },
    { type: "file", file: path("a.png") },
    "a.png",
  ]);
});

test("where a text is accepted, too, a string is a text", () => {
  const schema = { $defs, anyOf: [text, { $ref: "#/$defs/File" }] };
  expect(fit("a.png", schema)).toBe("a.png");
});

test("a value without files comes out as the same object, whatever it is, also where it contains itself", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(fit(value, { type: "object", properties: { x: {} } })).toBe(value);
    }),
  );
  const loop: unknown[] = [];
  loop.push(loop);
  const endless = { $defs: { Loop: { items: { $ref: "#/$defs/Loop" } } }, $ref: "#/$defs/Loop" };
  expect(fit(loop, endless)).toBe(loop);
  const blind = { $defs: { Loop: { $ref: "#/$defs/Loop" } }, $ref: "#/$defs/Loop" };
  expect(fit("a.png", blind)).toBe("a.png");
});

const file = { $ref: "#/$defs/File" };
const fileOrNull = { anyOf: [file, { type: "null" }] };
const editor: JsonSchema = {
  $defs,
  type: "object",
  properties: { background: fileOrNull, layers: { type: "array", items: file }, composite: fileOrNull },
};
const multimodal: JsonSchema = {
  $defs,
  type: "object",
  properties: { text, files: { type: "array", items: file } },
  required: ["text"],
};
const slider: JsonSchema = { $defs, type: "array", prefixItems: [fileOrNull, fileOrNull] };
const blob = new Blob(["x"], { type: "image/png" });
const film = new Blob(["x"], { type: "video/mp4" });

test("one file for a list of files is a list of one, and a FileList is a list", () => {
  expect(fit(blob, {}, "many")).toEqual([blob]);
  expect(fit("a.png", {}, "many")).toEqual([path("a.png")]);
  const files = { 0: blob, 1: film, length: 2, [Symbol.toStringTag]: "FileList" };
  expect(fit(files, {}, "many")).toEqual([blob, film]);
  expect(fit(files, list("Image", "Video"))).toEqual([{ image: blob }, { video: film }]);
  expect(fit(film, list("Image", "Video"))).toEqual([{ video: film }]);
});

test("a Blob for an image editor is its background; two files for a slider are its pictures", () => {
  expect(fit(blob, editor)).toEqual({ background: blob, layers: [], composite: null });
  expect(fit({ background: "a.png", layers: [] }, editor)).toEqual({ background: path("a.png"), layers: [] });
  expect(fit(["a.png", null], slider)).toEqual([path("a.png"), null]);
});

test("a file that a call returned is a picture of a gallery, by its type", () => {
  const data: FileData = { path: "/tmp/a", url: "", origName: "a", size: 1, mimeType: "video/mp4", isStream: false };
  expect(fit([data], list("Image", "Video"))).toEqual([{ video: data }]);
});

test.each<[string, unknown, JsonSchema, "one" | "inside"]>([
  ["a list for one file", [blob], {}, "one"],
  ["a FileList for one file", { 0: blob, length: 1, [Symbol.toStringTag]: "FileList" }, {}, "one"],
  ["a number for a file", 5, {}, "one"],
  ["a Blob for messages", blob, { ...(list("Text") as object), items: { $ref: "#/$defs/Text" } }, "inside"],
  ["a Blob for a text with files", blob, multimodal, "inside"],
  ["a Blob in place of a text", { text: blob }, multimodal, "inside"],
])("%s is refused", (_, value, schema, kind) => {
  expect(() => fit(value, schema, kind)).toThrow(InputError);
});

test("a parameter accepts no files only where its schema is known", () => {
  expect(acceptsFiles({ file: null, type: { type: "string" } })).toBe(false);
  expect(acceptsFiles({ file: null, type: {} })).toBe(true);
  expect(acceptsFiles({ file: null, type: true })).toBe(true);
  expect(acceptsFiles({ file: "one", type: { type: "object" } })).toBe(true);
});
