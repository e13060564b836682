import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { fileContent, FileHandle, fileList, fileName, handleFile, isBlob } from "./files.ts";

/** A Blob as another library makes it: not an instance of the global class. */
function foreign(tag: "Blob" | "File", bytes: string): object {
  const blob = new Blob([bytes], { type: "text/plain" });
  return {
    size: blob.size,
    type: blob.type,
    name: "a.txt",
    arrayBuffer: () => blob.arrayBuffer(),
    stream: () => blob.stream(),
    slice: () => foreign(tag, bytes),
    [Symbol.toStringTag]: tag,
  };
}

test("Blobs and Files of another library or realm are recognised by their form", () => {
  for (const tag of ["Blob", "File"] as const) {
    const file = foreign(tag, "abc");
    expect(isBlob(file)).toBe(true);
    expect(fileContent(file)).toBe(file);
    expect(handleFile(file as Blob)).toMatchObject({ source: file, name: "a.txt" });
  }
});

test.each([
  ["a text", "Blob"],
  ["a plain object", { size: 1, type: "", arrayBuffer: () => undefined }],
  ["another class", { [Symbol.toStringTag]: "Blob" }],
  ["nothing", null],
])("%s is not a Blob", (_, value) => {
  expect(isBlob(value)).toBe(false);
});

test("buffers, shared ones too, are files with their bytes", async () => {
  // Pages have shared memory only where they are isolated.
  const Shared = typeof SharedArrayBuffer === "undefined" ? ArrayBuffer : SharedArrayBuffer;
  const shared = new Uint8Array(new Shared(3));
  shared.set([1, 2, 3]);
  for (const buffer of [new Uint8Array([1, 2, 3]).buffer, shared.buffer, shared, new DataView(shared.buffer)]) {
    const content = fileContent(buffer);
    expect(content).toBeInstanceOf(Blob);
    expect(new Uint8Array(await (content as Blob).arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  }
});

test("the files of a FileList are a list, other objects with a length are not", () => {
  const files = { 0: "a", 1: "b", length: 2, [Symbol.toStringTag]: "FileList" };
  expect(fileList(files)).toEqual(["a", "b"]);
  expect(fileList({ 0: "a", length: 1 })).toBeUndefined();
});

test("a FileHandle of another copy of the package is one", () => {
  const copied = Object.assign(Object.create({}) as object, { source: new Blob(["x"]) });
  Object.defineProperty(copied, Symbol.for("gradio-rx.file-handle"), { value: true });
  expect(copied).toBeInstanceOf(FileHandle);
  expect({ source: 1 }).not.toBeInstanceOf(FileHandle);
});

test("a name is its last part only", () => {
  expect(fileName(new File(["x"], "dir/b.png"))).toBe("b.png");
  expect(fileName({ path: "C:\\dir\\c.png" })).toBe("c.png");
  expect(fileName(new Blob([]))).toBe("");
});

test.each([null, undefined, 5, {}, "cat.png", new URL("file:///etc/passwd")])("handleFile refuses %s", (value) => {
  expect(() => handleFile(value as string)).toThrow(InputError);
});
