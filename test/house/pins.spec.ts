import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newest, versions } from "../servers/versions.ts";
import { root } from "./sources.ts";

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

/** Pinned packages of a requirements file, each with its hashes. */
function pins(text: string): { name: string; version: string; hashes: number }[] {
  return text
    .split(/\n(?=\S)/)
    .filter((entry) => !entry.startsWith("#"))
    .map((entry) => {
      const [, name = entry, version = ""] = /^([\w.[\]-]+)==([^\s;\\]+)/.exec(entry) ?? [];
      return { name, version, hashes: entry.match(/--hash=sha256:[0-9a-f]{64}\b/g)?.length ?? 0 };
    });
}

const folder = ["test", "gradio", "requirements"];
const files = [
  ["requirements.txt"],
  ["scripts", "tools", "uv.txt"],
  ["scripts", "tools", "ffmpeg.txt"],
  ...readdirSync(join(root, ...folder)).map((name) => [...folder, name]),
];

test.each(files.map((path) => [path.join("/"), path] as const))("%s pins every package with hashes", (_, path) => {
  const found = pins(read(...path));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ version, hashes }) => version === "" || hashes === 0)).toEqual([]);
});

test("the newest version of Gradio is the same in all lists", () => {
  const gradio = (text: string): string | undefined => pins(text).find(({ name }) => name === "gradio")?.version;
  expect(gradio(read("requirements.txt"))).toBe(newest);
  expect(read("requirements.in").trim()).toBe(`gradio==${newest}`);
  for (const version of versions("all")) expect(gradio(read(...folder, `${version}.txt`))).toBe(version);
});

test.each(["pnpm", "node"])("the lock file of scripts/tools/%s pins the version of pnpm in package.json", (name) => {
  const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string };
  const text = read("scripts", "tools", name, "package-lock.json");
  const { packages } = JSON.parse(text) as { packages: Record<string, { version?: string; integrity?: string }> };
  expect(`pnpm@${packages["node_modules/pnpm"]!.version}`).toBe(packageManager);
  for (const one of ["node_modules/pnpm", "node_modules/@pnpm/exe.linux-x64"])
    expect(packages[one]!.integrity, one).toMatch(/^sha512-/);
});
