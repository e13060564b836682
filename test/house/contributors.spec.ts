import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkNames } from "../../scripts/checks.mjs";
import { root } from "./sources.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Pages that tell contributors which commands to run. */
const pages = ["CONTRIBUTING.md", "README.md", ".changeset/README.md", ".github/PULL_REQUEST_TEMPLATE.md"];

test.each(pages)("every command that %s names exists", (page) => {
  const named = Array.from(read(page).matchAll(/\bnpm run ([a-z][\w:-]*)/g), ([, name]) => name!);
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});

test("every check that a page names exists", () => {
  const named = pages.flatMap((page) =>
    Array.from(read(page).matchAll(/npm run check -- ([a-z ]+?)`/g), ([, names]) => names!.split(" ")).flat(),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !checkNames.includes(name))).toEqual([]);
});

test("every file and folder that CONTRIBUTING.md names exists", () => {
  const named = Array.from(read("CONTRIBUTING.md").matchAll(/`([\w.@-]+\/[\w./-]+)`/g), ([, path]) => path!);
  const folders = ["", "packages/core/src"];
  const absent = named.filter((path) => !folders.some((folder) => existsSync(join(root, folder, path))));
  expect(absent).toEqual([]);
});

test("the lines that the example of CONTRIBUTING.md refers to are in its files", () => {
  const files = ["wire/messages.ts", "events.ts", "call/decoder.ts", "call/kept-notes.ts"];
  for (const file of files) expect(read(`packages/core/src/${file}`), file).toContain("title");
  const page = read("CONTRIBUTING.md");
  const [, title = ""] = /the test "([^"]+)"/.exec(page.replaceAll("\n", " ")) ?? [];
  expect(read("test/contract/events.contract.ts")).toContain(`test("${title}"`);
  const [, statement = ""] = /has the statement "([^"]+)"/.exec(page.replaceAll("\n", " ")) ?? [];
  expect(read("test/contract/differences.ts")).toContain(`"${statement}"`);
});

test("the container for contributors has every program that .ci/run installs", () => {
  const installed = Array.from(read(".ci/run").matchAll(/missing\+=\(([^)]+)\)/g), ([, names]) =>
    names!.split(" "),
  ).flat();
  expect(installed.length).toBeGreaterThan(0);
  const container = read(".devcontainer/Dockerfile").split(/\s+/);
  expect(installed.filter((name) => !container.includes(name))).toEqual([]);
});

test("forms for issues ask for the version of Gradio, the runtime and a minimal app, and name no address", () => {
  const folder = ".github/ISSUE_TEMPLATE";
  const bug = read(`${folder}/bug_report.yml`);
  const required = bug.split("\n  - type: ").filter((field) => field.includes("required: true"));
  const ids = required.map((field) => /\n {4}id: (\S+)/.exec(field)?.[1]);
  expect(ids).toEqual(expect.arrayContaining(["gradio", "runtime", "app", "program", "package"]));
  for (const file of readdirSync(join(root, folder)))
    expect(read(`${folder}/${file}`)).not.toMatch(/https?:\/\/|@\w+\.\w/);
});
