import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { findFiles } from "../../../packages/cli/src/migrate/files.ts";
import { migrateFiles } from "../../../packages/cli/src/migrate/migrate.ts";
import { root } from "../../house/sources.ts";

vi.setConfig({ testTimeout: 180_000 });

const settings = { target: "@gradio-rx/node", outputs: new Map([["echo", 1]]) } as const;
const fixtures = join(root, "test", "cli", "migrate", "fixtures");

/** Returns the programs of this repository, apart from those that mention the old package. */
async function programs(): Promise<Map<string, string>> {
  const { programs: paths } = await findFiles([root]);
  const texts = await Promise.all(paths.map(async (path) => [path, await readFile(path, "utf8")] as const));
  return new Map(texts.filter(([path, text]) => !text.includes("@gradio/client") && !path.startsWith(fixtures)));
}

test("no program of this repository is changed", async () => {
  const files = await programs();
  expect(files.size).toBeGreaterThan(500);
  expect(await migrateFiles([...files.keys()], settings)).toEqual([]);
});

/** Adds an import of the old package to a program. */
function withImport(path: string, text: string): string {
  if (/\.c[jt]s$/.test(path)) return `${text}\nconst { Client: UnusedClass } = require("@gradio/client");\n`;
  const line = 'import { Client as UnusedClass } from "@gradio/client";\n';
  return /\.(vue|svelte)$/.test(path) ? text.replace(/(<script[^>]*>)/, `$1\n${line}`) : `${text}${line}`;
}

test("in programs that import the class and do not use it, the import alone is changed, and calls of unknown values alone are reported", async () => {
  const folder = await mkdtemp(join(tmpdir(), "migrate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths: string[] = [];
  for (const [path, text] of await programs()) {
    const at = join(folder, String(paths.length), basename(path));
    await mkdir(join(at, ".."));
    await writeFile(at, withImport(path, text));
    paths.push(at);
  }
  const migrated = await migrateFiles(paths, settings);
  expect(migrated).toHaveLength(paths.length);
  const wrong = migrated.filter(
    ({ before, after, reports }) =>
      after !== before.replace("@gradio/client", "@gradio-rx/node") ||
      reports.some(({ message }) => !message.includes("has no type, and its value is not known")),
  );
  expect(wrong.map(({ path, reports }) => [relative(folder, path), reports])).toEqual([]);
});
