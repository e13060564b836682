import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { summary } from "../../scripts/checks.mjs";
import { root } from "./sources.ts";

test("a task names all missing programs, with the command that installs them, before it installs anything", () => {
  const tools = join(tmpdir(), `no-tools-${crypto.randomUUID()}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts", "run.mjs"), "faults"], {
    env: { ...process.env, CHROMIUM: join(tools, "chromium"), PYTHON: join(tools, "python"), GRADIO_RX_TOOLS: tools },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("Not found: Chromium (or set CHROMIUM to its path); Python 3.10 or newer with pip");
  expect(stderr).toContain("apt-get install -y chromium python3 python3-pip");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed");
  expect(existsSync(tools)).toBe(false);
});

test("a run ends with each failed check and file, and the command that runs it alone", () => {
  const failure = { project: "specs in node", file: "test/a.spec.ts", state: "failed" };
  expect(
    summary(
      ["lint"],
      [
        { ...failure, name: "first" },
        { ...failure, name: "second", state: "skipped" },
      ],
    ),
  ).toEqual([
    "",
    "✗ lint",
    "  alone: npm run pnpm -- exec oxlint --deny-warnings",
    "",
    "✗ test/a.spec.ts (specs in node)",
    "  first",
    "  second (skipped)",
    '  alone: npm test -- --project "specs in node" test/a.spec.ts',
  ]);
});
