import { expect, test } from "vitest";
import { type FileHome, isOutputFile, markedFiles, outputMapper } from "./dialect.ts";
import { type FileData } from "./files.ts";

const home: FileHome = {
  app: { base: new URL("http://app.test/"), config: { prefix: "gradio_api/", root: null } },
  signature: null,
};
const mapper = outputMapper(markedFiles, home);
const map = (value: unknown): unknown => mapper.map(value);
const forged = { path: "x", url: "http://other.test/a", origName: "x", size: 1, mimeType: null, isStream: true };

test("an object in the form of FileData is copied without localPath and other fields", () => {
  const file = map({ ...forged, localPath: "/etc/passwd", extra: 1 });
  expect(file).toEqual({ ...forged, url: "http://other.test/a" });
  expect(isOutputFile(file)).toBe(true);
});

test.each([
  ["a script", "javascript:alert(1)"],
  ["a local file", "file:///etc/passwd"],
  ["a page in a data URL", "data:text/html,<script>alert(1)</script>"],
  ["not a text", 5],
  ["missing", undefined],
])("the URL of a file is one of the app where the announced address is %s", (_, url) => {
  for (const value of [
    { ...forged, isStream: false, url },
    { path: "x", url, orig_name: "x", meta: { _type: "gradio.FileData" } },
  ])
    expect((map(value) as FileData).url).toBe("http://app.test/gradio_api/file=x");
});

test("media in a data URL stay where they are", () => {
  for (const url of ["data:image/png;base64,AAAA", "data:audio/wav;base64,AAAA", "data:video/mp4;base64,AAAA"])
    expect((map({ ...forged, isStream: false, url }) as FileData).url).toBe(url);
});

test("only files that the SDK made are output files, whatever form an object has", () => {
  expect(isOutputFile(forged)).toBe(false);
  expect(isOutputFile(null)).toBe(false);
  const [file, other] = map([forged, { path: "no file" }]) as unknown[];
  expect([isOutputFile(file), isOutputFile(other)]).toEqual([true, false]);
});

test("files are found at any depth, other parts stay the same objects, and a file becomes the same object each time", () => {
  const wired = { path: "a.png", meta: { _type: "gradio.FileData" } };
  const value = { other: [{}], list: [1, { file: wired }], ["__proto__"]: null };
  const mapped = map(value) as typeof value;
  expect(mapped).toMatchObject({ other: [{}], list: [1, { file: { url: "http://app.test/gradio_api/file=a.png" } }] });
  expect(mapped.other).toBe(value.other);
  expect((map([wired, value.list]) as unknown[])[1]).toBe(mapped.list);
  expect(value.list[1]).toEqual({ file: wired });
});

test("a file under the name __proto__ is a field, and does not become the prototype", () => {
  const value: unknown = JSON.parse('{"__proto__": {"path": "a.png", "meta": {"_type": "gradio.FileData"}}}');
  const mapped = map(value) as object;
  expect(Object.keys(mapped)).toEqual(["__proto__"]);
  expect(isOutputFile(Object.getOwnPropertyDescriptor(mapped, "__proto__")!.value)).toBe(true);
  expect(Object.getPrototypeOf(mapped)).toBe(Object.prototype);
});
