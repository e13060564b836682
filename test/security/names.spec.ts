import type { FileData } from "#sdk";
import { mkdtemp, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { file, gave, hostileApp } from "./hostile.ts";
import { connect } from "./secrets.ts";

const folder = async () => await realpath(await mkdtemp(join(tmpdir(), "gradio-rx-")));

/** Downloads a file with a name that the app chose. */
async function download(name: string, dir: string, path = "/tmp/a"): Promise<string> {
  const app = await hostileApp({ messages: [gave(file(path, { orig_name: name }))] });
  const client = await connect(app.url);
  return await client.download(await client.predict<FileData>("/show"), { dir });
}

test.each([
  ["../../escaped.txt", "escaped.txt"],
  ["/etc/passwd", "passwd"],
  ["..\\..\\escaped.txt", "escaped.txt"],
  ["C:\\Windows\\win.ini", "win.ini"],
  ["C:win.ini", "Cwin.ini"],
  ["a.txt:stream", "a.txtstream"],
  ["..", "file"],
  [".", "file"],
  ["/", "file"],
  ["", "file"],
  [". . .", "file"],
  ["a\0.txt", "a.txt"],
  ["a\r\nb.txt", "ab.txt"],
  ["\u202Egnp.exe", "gnp.exe"],
  ["CON", "_CON"],
  ["com1.txt", "_com1.txt"],
  ["COM\u00B9.txt", "_COM\u00B9.txt"],
  ["nul .txt", "_nul .txt"],
  ["aux.tar.gz", "_aux.tar.gz"],
  ["~", "~"],
  [".bashrc", "bashrc"],
  ["-rf", "-rf"],
  ["%2e%2e%2fescaped", "%2e%2e%2fescaped"],
])("a file named %j is written into the folder as %j", async (name, written) => {
  const dir = await folder();
  const path = await download(name, dir);
  expect(path).toBe(join(dir, written));
  expect(await readdir(dir)).toEqual([written]);
});

test("the path of a file without a name does not lead out of the folder", async () => {
  const dir = await folder();
  for (const path of ["/tmp/x/../../..", "/tmp/..%2f..", "..\\..\\x", "/"])
    expect(dirname(await download("", dir, path))).toBe(dir);
});

test("symbolic links and existing files in the folder are not overwritten", async () => {
  const [dir, outside] = [await folder(), await folder()];
  await writeFile(join(outside, "victim"), "old");
  await symlink(join(outside, "victim"), join(dir, "a.txt"));
  await symlink(join(outside, "new"), join(dir, "a (2).txt"));
  await writeFile(join(dir, "a (3).txt"), "old");
  expect(basename(await download("a.txt", dir))).toBe("a (4).txt");
  expect(await readdir(outside)).toEqual(["victim"]);
  expect(await readFile(join(outside, "victim"), "utf8")).toBe("old");
});

test("a name of millions of characters is cut to at most 210 bytes", async () => {
  const dir = await folder();
  for (const name of [
    "\u00FC".repeat(3_000_000),
    `a${" ".repeat(3_000_000)}b`,
    `${". ".repeat(1_000_000)}x.txt`,
    "a/".repeat(1_000_000),
  ]) {
    const written = basename(await download(name, dir));
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(210);
    expect(written).not.toMatch(/^[. ]|[. ]$/);
  }
});
