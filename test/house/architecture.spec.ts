import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root, type Source, sources } from "./sources.ts";
import { filesOf } from "./syntax.ts";

// Compares ARCHITECTURE.md, and the paths on all pages, with the files of the repository.

const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

/** A source file with its package in its name: `core/call/call`. */
interface File extends Pick<Source, "text"> {
  name: string;
}

const all: File[] = ["core", "web", "node"].flatMap((name) =>
  sources(name).map((source) => ({ name: `${name}/${source.name}`, text: source.text })),
);

/** Returns the text between a heading of the second level and the next one. */
function section(heading: string): string {
  const start = page.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`ARCHITECTURE.md has no section "${heading}".`);
  const end = page.indexOf("\n## ", start + 1);
  return page.slice(start, end < 0 ? undefined : end);
}

/** Returns a column of all tables of a section, from 0; the last column is -1. */
function column(heading: string, index: number): string[] {
  const rows = section(heading)
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| -"));
  return rows.map((row) => row.split("|").slice(1, -1).at(index)!.trim());
}

/** Names in backticks. */
function quoted(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name!);
}

/** Patterns of state that outlives one function call: fields that are assigned, collections in fields, state of a module. */
const state = [
  /^ {2}#\w+(:| =)/m,
  /^ {2}readonly #\w+(: [^=]+)? = (new (Map|Set|WeakMap|WeakSet|ReplaySubject)\b|\[\])/m,
  /^let /m,
  /^(export )?const \w+(: [^=]+)? = new (Weak(Map|Set)|(Map|Set)<.*>\(\))/m,
];

test("ARCHITECTURE.md has one row for each file of core, and no row for a missing file", () => {
  const rows = column("The files of core", 0).flatMap(quoted);
  expect(rows.toSorted()).toEqual(
    sources("core")
      .map(({ name }) => name)
      .toSorted(),
  );
});

test("ARCHITECTURE.md names the owner of every file with state in core, web and node", () => {
  const owners = column("Who owns what", -1).flatMap(quoted);
  const names = all.map(({ name }) => name);
  expect(owners.filter((name) => !names.includes(name))).toEqual([]);
  const stateful = all.filter(({ text }) => state.some((pattern) => pattern.test(text)));
  expect(stateful.map(({ name }) => name).filter((name) => !owners.includes(name))).toEqual([]);
});

test("ARCHITECTURE.md lists every part that is loaded with import(), and what loads it", () => {
  const listed = column("Loading", 0).filter((cell) => cell.includes("→"));
  const loads = all.flatMap(({ name, text }) =>
    Array.from(text.matchAll(/(?<!typeof )\bimport\(\s*"([^"]+)"\s*\)/g), ([, target]) => {
      const path = join(name, "..", target!).replaceAll("\\", "/").replace(/\.ts$/, "");
      return `\`${name}\` → \`${target!.startsWith(".") ? path : target}\``;
    }),
  );
  expect(listed.toSorted()).toEqual(Array.from(new Set(loads)).toSorted());
});

test("every path of a file on a page leads to a file", () => {
  const missing = filesOf(["."])
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) => {
      const paths = Array.from(
        text.matchAll(/`([\w@.-]+(?:\/[\w@.-]+)+\.(?:ts|mjs|py|json))`/g),
        ([, found]) => found!,
      );
      return paths.filter((one) => !exists(one, dirname(path))).map((one) => `${path}: ${one}`);
    });
  expect(missing).toEqual([]);
});

/** Whether a path leads to a file: from the page's or the repository's folder, from `packages`, a package's `src`, or core's. */
function exists(path: string, folder: string): boolean {
  const candidates = [
    `${folder}/${path}`,
    path,
    `packages/${path}`,
    `packages/${path.replace("/", "/src/")}`,
    `packages/core/src/${path}`,
  ];
  return candidates.some((candidate) => existsSync(join(root, candidate)));
}
