import { expect, test } from "vitest";
import { SchemaTypes } from "./schema.ts";
import { comment, identifier, literal, Names } from "./text.ts";

const types = (): SchemaTypes => new SchemaTypes(new Names(), true);
const file = { properties: { path: {}, meta: { default: { _type: "gradio.FileData" } } } };

test.each([
  [{ type: "string" }, "string"],
  [{ type: "integer" }, "number"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ anyOf: [{ type: "string" }, { type: "string" }, { type: "null" }] }, "string | null"],
  [{ type: {}, description: "any valid json" }, "unknown"],
  [{}, "unknown"],
  [true, "unknown"],
  [{ type: "strange" }, "unknown"],
  [{ enum: ["a", 2, null], type: "string" }, '"a" | 2 | null'],
  [{ enum: [], type: "string" }, "string"],
  [{ const: "x" }, '"x"'],
  [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "number" }] } }, "(string | number)[]"],
  [{ type: "array", items: { type: "object", properties: { a: { enum: ["x", "y"] } } } }, '{ a?: "x" | "y" }[]'],
  [{ type: "array", prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
  [{ type: "array" }, "unknown[]"],
  [{ type: "object", properties: { "a b": {}, c: {} }, required: ["c"] }, '{ "a b"?: unknown; c: unknown }'],
  [{ type: "object", additionalProperties: { type: "number" } }, "Record<string, number>"],
  [{ type: "object", properties: { a: {} }, additionalProperties: true }, "{ a?: unknown; [key: string]: unknown }"],
  [
    { allOf: [{ type: "object", properties: { a: {} } }, { type: "object" }] },
    "{ a?: unknown } & Record<string, unknown>",
  ],
  [{ $ref: "#/$defs/Missing" }, "unknown"],
  [{ $defs: { A: { $ref: "#/$defs/A" } }, $ref: "#/$defs/A" }, "unknown"],
  [{ $defs: { A: { anyOf: [{ type: "string" }, { $ref: "#/$defs/A" }] } }, $ref: "#/$defs/A" }, "unknown"],
  [{ type: "array", items: file }, "FileInput[]"],
  [{ properties: { path: {}, orig_name: {} } }, "FileInput"],
  [{ properties: { name: {}, data: {}, is_file: {} } }, "FileInput"],
])("%j is %s", (schema, type) => {
  expect(types().of(schema, "in")).toBe(type);
});

test("an object of $defs is declared once for each direction, also one that holds itself", () => {
  const schema = {
    $defs: {
      Tree: { properties: { file, parts: { type: "array", items: { $ref: "#/$defs/Tree" } } }, required: ["file"] },
    },
    $ref: "#/$defs/Tree",
  };
  const made = types();
  expect([made.of(schema, "in"), made.of(schema, "out"), made.of({ ...schema }, "in")]).toEqual([
    "TreeInput",
    "TreeOutput",
    "TreeInput",
  ]);
  expect(made.declarations).toEqual([
    "export interface TreeInput {\n  file: FileInput;\n  parts?: TreeInput[];\n}",
    "export interface TreeOutput {\n  file: FileData;\n  parts?: TreeOutput[];\n}",
  ]);
  expect(made.imports).toEqual(["FileData", "FileInput"]);
});

test("two definitions of one name have two names", () => {
  const named = (type: string) => ({ $defs: { One: { properties: { a: { type } } } }, $ref: "#/$defs/One" });
  const made = types();
  expect([made.of(named("string"), "in"), made.of(named("number"), "in")]).toEqual(["OneInput", "OneInput_2"]);
});

test("over a hundred choices, and any where unions are not wanted, are the plain type", () => {
  const many = { enum: Array.from({ length: 101 }, (_, at) => (at === 7 ? 7 : `${at}`)) };
  expect(types().of(many, "in")).toBe("string | number");
  expect(new SchemaTypes(new Names(), false).of({ enum: ["a", "b"] }, "in")).toBe("string");
});

test("a schema that is nested without end is read to a depth", () => {
  let schema: object = { type: "string" };
  for (let depth = 0; depth < 1_000; depth++) schema = { type: "array", items: schema };
  expect(types().of(schema as Record<string, unknown>, "in")).toContain("unknown[]");
});

test("no text leaves its comment or its string, and any text makes an identifier", () => {
  expect(comment("a */ b\n// c\u2028 d\u0000")).toBe(String.raw`/** a *\/ b // c d */`);
  expect(literal('a"\n\u2028\\')).toBe(String.raw`"a\"\n\u2028\\"`);
  expect(literal("\u009b2J\u007f")).toBe(String.raw`"\u009b2J\u007f"`);
  expect(["a b-c", "1st", "", "日本", "*/"].map((text) => identifier(text, "none"))).toEqual([
    "aBC",
    "_1st",
    "none",
    "日本",
    "none",
  ]);
});
