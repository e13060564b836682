import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);

async function sources(): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const path of glob("packages/{core,node,web}/src/**/*.ts", { cwd: fileURLToPath(root) }))
    if (!path.endsWith(".spec.ts")) found.push([path, await readFile(new URL(path, root), "utf8")]);
  return found;
}

/** Functions and properties that run text as a program or parse it as HTML. */
const forbidden =
  /\beval\b|\bFunction\(|\bsetTimeout\(\s*["'`]|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|node:(?:vm|child_process|repl)|\bimport\((?!\s*[")])/;

/** The module that reaches Node's own modules from Jest's environment jsdom. It runs a constant text. */
const withConstantText = "packages/node/src/browser.ts";

test("nothing that an app sends is run as code or parsed as HTML", async () => {
  const all = await sources();
  expect(all.length).toBeGreaterThan(50);
  for (const [path, text] of all) {
    const checked = path === withConstantText ? text.replaceAll("node:vm", "") : text;
    expect(forbidden.exec(checked)?.[0], path).toBeUndefined();
  }
});

test("the package for Node runs one text, which is constant", async () => {
  const [, text] = (await sources()).find(([path]) => path === withConstantText)!;
  expect(text.match(/\bvm\.\w+\(/g)).toEqual(["vm.runInThisContext("]);
  expect(text).toMatch(/vm\.runInThisContext\(\s*'process\.getBuiltinModule\("node:module"\)',?\s*\)/);
});

/** Runs the check of expressions: of the sources, or of the given ones. The time limit stops an expression of exponential time. */
async function checkPatterns(...given: string[]): Promise<string> {
  const script = fileURLToPath(new URL("programs/patterns.ts", import.meta.url));
  return (await promisify(execFile)(process.execPath, [script, ...given], { timeout: 110_000 })).stdout;
}

test("every regular expression takes linear time", async () => {
  expect(Number(await checkPatterns())).toBeGreaterThan(15);
}, 120_000);

test.each([String.raw`\s+$`, "a+!x", String.raw`\.+x`, "(?:a|b)*c"])(
  "the check of expressions rejects /%s/, which takes quadratic time",
  async (source) => {
    await expect(checkPatterns(source)).rejects.toThrow("takes more than linear time");
  },
  120_000,
);

test("the check of expressions accepts expressions that take linear time", async () => {
  expect(await checkPatterns("^a+b", "a[^a]", String.raw`\d{16}`)).toBe("3");
}, 120_000);
