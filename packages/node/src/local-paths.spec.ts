import { InputError } from "@gradio-rx/core";
import { mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix, win32 } from "node:path";
import { expect, test } from "vitest";
import { filesInside, isNetworkPath, pathInside, pathOfUrl } from "./local-paths.ts";

test.each([
  ["a.txt", "C:\\data\\a.txt"],
  ["sub\\a.txt", "C:\\data\\sub\\a.txt"],
  ["sub/../a.txt", "C:\\data\\a.txt"],
  ["C:\\data\\a.txt", "C:\\data\\a.txt"],
  ["..a.txt", "C:\\data\\..a.txt"],
  ["..\\a.txt", null],
  ["C:\\other\\a.txt", null],
  ["D:\\data\\a.txt", null],
  ["\\\\host\\share\\a.txt", null],
  ["//host/share/a.txt", null],
  ["\\\\?\\C:\\other\\a.txt", null],
  ["\\\\.\\pipe\\a", null],
  ["con", null],
  ["sub\\nul .txt", null],
  ["COM1.log", null],
  ["a.txt:stream", null],
  ["a\0.txt", null],
  [".", null],
])("on Windows, %j inside a folder is %j", (path, whole) => {
  expect(pathInside("C:\\data", path, win32)).toBe(whole);
});

test.each([
  ["a.txt", "/data/a.txt"],
  ["/data/sub/a.txt", "/data/sub/a.txt"],
  ["con", "/data/con"],
  ["../a.txt", null],
  ["/etc/passwd", null],
  ["sub/../../etc", null],
])("on POSIX, %j inside a folder is %j", (path, whole) => {
  expect(pathInside("/data", path, posix)).toBe(whole);
});

test("a folder on a share has its own files, and those of no other share", () => {
  expect(pathInside("\\\\host\\share\\data", "a.txt", win32)).toBe("\\\\host\\share\\data\\a.txt");
  expect(pathInside("\\\\host\\share\\data", "\\\\evil\\share\\a.txt", win32)).toBeNull();
});

test("a path of another machine is known by its beginning, on Windows only", () => {
  for (const path of ["\\\\host\\share", "//host/share", "\\/host/share"]) {
    expect(isNetworkPath(path, win32)).toBe(true);
    expect(isNetworkPath(path, posix)).toBe(false);
  }
  for (const path of ["a.txt", "\\a.txt", "C:\\a.txt"]) expect(isNetworkPath(path, win32)).toBe(false);
});

test("a path that leads out of the folder is refused before anything is read, a link when the file is needed", async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "gradio-rx-")));
  const inner = join(folder, "inner");
  await mkdir(inner);
  await writeFile(join(folder, "outside.txt"), "outside");
  await writeFile(join(inner, "inside.txt"), "inside");
  await symlink(join(folder, "outside.txt"), join(inner, "link.txt"));
  const open = async (path: string): Promise<string> => {
    const { source } = filesInside(inner)(path);
    return await (await (source as () => Promise<Blob>)()).text();
  };
  expect(await open("inside.txt")).toBe("inside");
  expect(() => filesInside(inner)("../outside.txt")).toThrow(InputError);
  await expect(open("link.txt")).rejects.toBeInstanceOf(InputError);
  await expect(open("missing.txt")).rejects.toThrow("ENOENT");
});

test("a file: URL of another machine is an InputError", () => {
  expect(pathOfUrl("file:///tmp/a%20b.txt")).toBe("/tmp/a b.txt");
  for (const url of ["file://host/share/a.txt", "file:///a%2Fb"]) expect(() => pathOfUrl(url)).toThrow(InputError);
});
