import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { FileHandle, type FileData } from "./files.ts";
import { markedFiles } from "./dialect.ts";
import { type FileSlot, toJson } from "./json.ts";

function copy(value: unknown): { value: unknown; files: FileSlot[] } {
  const files: FileSlot[] = [];
  const holder: { value: unknown } = { value: undefined };
  const context = {
    name: "p",
    label: 'The parameter "p" of /f',
    acceptsFiles: true,
    endpoint: "/f",
    files,
    dialect: markedFiles,
    replace: (given: unknown) => (holder.value = given),
  };
  holder.value = toJson(value, context);
  return Object.assign(holder, { files });
}

test("the copy has the values that JSON can represent, and is never the same object", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { value: made } = copy(value);
      expect(JSON.parse(JSON.stringify(made))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(typeof value === "object" && value !== null && made === value).toBe(false);
    }),
  );
});

test("dates, boxed values, undefined and holes are converted as by JSON.stringify", () => {
  const value = { date: new Date(0), text: Object("x") as unknown, left: undefined, list: [undefined, 1] };
  expect(copy(value).value).toEqual({ date: "1970-01-01T00:00:00.000Z", text: "x", list: [null, 1] });
});

test("an object that occurs twice is not a cycle", () => {
  const shared = { a: 1 };
  expect(copy([shared, shared]).value).toEqual([{ a: 1 }, { a: 1 }]);
});

test("files are found at any depth, and their references put in their places", () => {
  const { files, ...made } = copy({
    gallery: [[new Blob(["1"]), "caption"], { image: new File(["22"], "dir/b.png") }],
  });
  expect(files.map(({ name, parameter }) => [name, parameter])).toEqual([
    ["file", "p"],
    ["b.png", "p"],
  ]);
  files.forEach((file, index) => file.setReference(`reference ${index}`));
  expect(made.value).toEqual({ gallery: [["reference 0", "caption"], { image: "reference 1" }] });
  const whole = copy(new Uint8Array([1]));
  whole.files[0]!.setReference("it");
  expect(whole.value).toBe("it");
});

test("a file of a former call is passed on unchanged", () => {
  const file: FileData = {
    path: "/tmp/a.png",
    url: "http://x/file=/tmp/a.png",
    origName: "a.png",
    size: 3,
    mimeType: "image/png",
    isStream: false,
  };
  const wire = {
    path: file.path,
    url: file.url,
    orig_name: "a.png",
    size: 3,
    mime_type: "image/png",
    meta: { _type: "gradio.FileData" },
  };
  expect(copy([file])).toEqual({ value: [wire], files: [] });
});

test("an address in a handle is passed on, under the name it was given", () => {
  const handle = new FileHandle(new URL("https://example.com/cat.png"), { name: "tom.png" });
  expect(copy(handle).value).toMatchObject({ path: "https://example.com/cat.png", orig_name: "tom.png" });
});

test("a promise, a map or a regular expression is refused by its kind", () => {
  for (const value of [Promise.resolve(1), new Map(), new Set(), /x/, new WeakMap()])
    expect(() => copy({ a: value })).toThrow(InputError);
});

test("nesting without end, and a getter that throws, are InputErrors", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level++) deep = [deep];
  const endless = { toJSON: (): unknown => ({ again: { toJSON: endless.toJSON } }) };
  const throwing = {
    get a(): never {
      throw new TypeError("mine");
    },
  };
  for (const value of [deep, endless, throwing]) expect(() => copy(value)).toThrow(InputError);
});

test("a bigint keeps all its digits", () => {
  const { value } = copy([1798406481619217041n, { small: 5n, negative: -(2n ** 70n) }]);
  expect(JSON.stringify(value)).toBe('[1798406481619217041,{"small":5,"negative":-1180591620717411303424}]');
});

test("a file for a parameter that accepts none is refused by its place, before anything is uploaded", () => {
  const context = { name: "p", label: "p of /f", endpoint: "/f", acceptsFiles: false, dialect: markedFiles };
  for (const file of [new Blob(["x"]), new Float32Array(2), new FileHandle(new Blob(["x"]))]) {
    const files: FileSlot[] = [];
    expect(() => toJson({ a: [file] }, { ...context, files, replace: () => undefined })).toThrow(
      /p of \/f, at \.a\[0\]/,
    );
    expect(files).toEqual([]);
  }
});
