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
  /\beval\b|\bFunction\(|\bsetTimeout\(\s*["'`]|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|node:(?:vm|child_process|repl)|\bimport\((?!\s*")/;

test("nothing that an app sends is run as code or parsed as HTML", async () => {
  const all = await sources();
  expect(all.length).toBeGreaterThan(50);
  for (const [path, text] of all) expect(forbidden.exec(text)?.[0], path).toBeUndefined();
});

test("every regular expression takes linear time", async () => {
  const script = fileURLToPath(new URL("programs/patterns.ts", import.meta.url));
  // Quadratic time would take minutes here: the program is stopped long before.
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000 });
  expect(Number(stdout)).toBeGreaterThan(15);
}, 60_000);
