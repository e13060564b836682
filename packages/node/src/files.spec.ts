import { FileHandle, InputError } from "@gradio-rx/core";
import * as fc from "fast-check";
import promises, { mkdtemp, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { FreeNames, handleFile, saveFile } from "./files.ts";
import { numbered, safeName } from "./names.ts";

async function* of(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3);
  throw new Error("cut");
}

const folder = async () => await realpath(await mkdtemp(join(tmpdir(), "gradio-rx-")));

test("a downloaded file is inside the folder, for any name from the server", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(".", "/", "\\", "a", "\0", ":", " ") })),
      async (name) => {
        const dir = await folder();
        const path = await saveFile(dir, name, of("x"));
        expect(dirname(path)).toBe(dir);
        expect(await readdir(dir)).toEqual([basename(path)]);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ["../../etc/passwd", "passwd"],
  ["..", "file"],
  ["C:\\Windows\\a.txt", "a.txt"],
  ["a\u0000b\u202Egnp.exe", "abgnp.exe"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  [" .hidden. ", "hidden"],
  ["", "file"],
  ["hä llo (1).txt", "hä llo (1).txt"],
])("%j is written as %j", (name, written) => {
  expect(safeName(name)).toBe(written);
});

test.each([
  `con${" ".repeat(300)}x`,
  `nul${" ".repeat(300)}x.txt`,
  `aux${".".repeat(300)}x`,
  `\u200bcom1${" ".repeat(250)}y`,
])("a name that becomes that of a device when it is shortened is not written as one: %j", (name) => {
  expect(safeName(name)).not.toMatch(/^(con|nul|aux|com1) *(\.|$)/i);
});

test("every name is safe, at most 200 bytes long, and stays as it is the second time", () => {
  const parts = fc.constantFrom(
    "con",
    "nul",
    "com¹",
    ".",
    " ",
    "/",
    "\\",
    "ü",
    "日",
    "\u202e",
    "\0",
    ":",
    "a".repeat(60),
  );
  fc.assert(
    fc.property(fc.string({ unit: parts, maxLength: 30 }), (name) => {
      const safe = safeName(name);
      expect(safe).not.toMatch(/^(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$) *(\.|$)/i);
      expect(safe).not.toMatch(/^[. ]|[. ]$|^$|[/\\:\0\u202e]/);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201);
      expect(safeName(safe)).toBe(safe);
    }),
  );
});

test("a name that is too long keeps its ending", () => {
  const short = safeName(`${"ü".repeat(300)}.tar`);
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200);
  expect(short.endsWith(".tar")).toBe(true);
});

test("a file that is there, or a link, is not touched: the new one gets a number", async () => {
  const dir = await folder();
  const outside = join(await folder(), "outside.txt");
  await writeFile(join(dir, "a.txt"), "old");
  await symlink(outside, join(dir, "a (2).txt"));
  const path = await saveFile(dir, "a.txt", of("new"));
  expect(basename(path)).toBe("a (3).txt");
  expect(await readFile(join(dir, "a.txt"), "utf8")).toBe("old");
  expect(await readFile(path, "utf8")).toBe("new");
});

test("many files of one name get a number each, after one attempt each, whatever the folder holds", async () => {
  const dir = await folder();
  for (let number = 1; number <= 200; number++) await writeFile(join(dir, numbered("image.webp", number)), "old");
  const attempts = vi.spyOn(promises, "open");
  syncBuiltinESMExports();
  onTestFinished(() => {
    attempts.mockRestore();
    syncBuiltinESMExports();
  });
  const names = new FreeNames();
  const found: string[] = [];
  for (let count = 0; count < 100; count++) found.push(basename(await names.reserve(dir, "image.webp")));
  expect(found).toEqual(Array.from({ length: 100 }, (_, index) => `image (${201 + index}).webp`));
  // The first name was taken.
  expect(attempts).toHaveBeenCalledTimes(101);
});

test("files of one name that are written at the same time do not replace each other", async () => {
  const dir = await folder();
  const saved = await Promise.all(Array.from({ length: 30 }, (_, index) => saveFile(dir, "a.txt", of(String(index)))));
  expect(new Set(saved).size).toBe(30);
  const texts = await Promise.all(saved.map((path) => readFile(path, "utf8")));
  expect(texts).toEqual(Array.from({ length: 30 }, (_, index) => String(index)));
});

test("a download that breaks leaves nothing behind", async () => {
  const dir = await folder();
  await expect(saveFile(dir, "a.txt", breaking())).rejects.toThrow("cut");
  expect(await readdir(dir)).toEqual([]);
});

test("handleFile takes a path and a file: URL, and reads the file when it is needed", async () => {
  const path = join(await folder(), "sp ace.txt");
  await writeFile(path, "content");
  for (const given of [path, pathToFileURL(path), pathToFileURL(path).href]) {
    const handle = handleFile(given, { mimeType: "text/plain" });
    expect(handle).toBeInstanceOf(FileHandle);
    expect(handle.name).toBe("sp ace.txt");
    const blob = await (handle.source as () => Promise<Blob>)();
    expect(await blob.text()).toBe("content");
    expect(blob.type).toBe("text/plain");
  }
});

test("a name that is undefined counts as left out: the file keeps its own", () => {
  expect(handleFile("dir/a.txt", { name: undefined }).name).toBe("a.txt");
  expect(handleFile(new File(["x"], "b.txt"), { name: undefined }).name).toBe("b.txt");
});

test("a missing file fails the call that uses it, and so does a folder", async () => {
  for (const [path, why] of [
    ["/nowhere/at/all.txt", "ENOENT"],
    [tmpdir(), "is not a file"],
  ] as const)
    await expect((handleFile(path).source as () => Promise<Blob>)()).rejects.toThrow(why);
  for (const none of ["", null, undefined, 5, {}]) expect(() => handleFile(none as string)).toThrow(InputError);
});
