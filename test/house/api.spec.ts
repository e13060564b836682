import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compareReports, explain } from "../../scripts/reports.mjs";

/** Creates a folder with the given files for one test. */
function folder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), "gradio-rx-reports-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(made, path)), { recursive: true });
    writeFileSync(join(made, path), text);
  }
  return made;
}

test("reports that are the same as the stored ones have no patches", () => {
  const files = { "core/index.api.md": "export function a(): void;\n" };
  expect(compareReports(folder(files), folder(files))).toEqual([]);
});

test("a changed signature is reported with the name of the report, the old line, the new line and the command that updates it", () => {
  const stored = folder({ "core/index.api.md": "export class A {\n  run(): void;\n}\n", "web/index.api.md": "same\n" });
  const built = folder({
    "core/index.api.md": "export class A {\n  run(n: number): void;\n}\n",
    "web/index.api.md": "same\n",
  });
  const [patch, ...others] = compareReports(stored, built);
  expect(others).toEqual([]);
  expect(patch).toContain("api/core/index.api.md");
  expect(patch).toContain("\n-  run(): void;\n+  run(n: number): void;\n");
  expect(explain([patch!])).toContain("+  run(n: number): void;");
  expect(explain([patch!])).toContain("npm run api");
});

test("an entry that was added and one that was removed are reported", () => {
  const patches = compareReports(folder({ "core/old.api.md": "old\n" }), folder({ "core/new.api.md": "new\n" }));
  expect(patches).toHaveLength(2);
  expect(patches[0]).toContain("api/core/new.api.md");
  expect(patches[0]).toContain("+new");
  expect(patches[1]).toContain("-old");
});
