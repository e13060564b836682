import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as rival from "@gradio/client";
import * as compat from "@gradio-rx/compat";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { calls } from "./calls.ts";
import { requests } from "./requests.ts";
import { spaces } from "./spaces.ts";
import { types } from "./types.ts";
import { versions } from "./versions.ts";

const readme = fileURLToPath(new URL("../../../../packages/compat/README.md", import.meta.url));
const [begin, end] = [
  "<!-- behaviours: UPDATE=1 with the test of behaviours writes this table -->\n",
  "<!-- end of behaviours -->",
];

/** Texts of this run, by situation: for this package, and for `@gradio/client`. */
const measured = new Map<string, [ours: string, theirs: string]>();

beforeAll(() => {
  for (const method of ["log", "warn", "error", "info"] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined);
});

afterAll(() => void vi.restoreAllMocks());

test.each([...calls, ...requests, ...spaces, ...types].map((row) => [row.situation, row] as const))(
  "%s",
  async (situation, { script, ours, theirs }) => {
    const seen: [string, string] = [await script(compat), await script(rival)];
    measured.set(situation, seen);
    expect(seen).toEqual([ours, theirs]);
  },
  120_000,
);

test("the table of the README has the behaviours that this run has measured", () => {
  // Those of old versions of Gradio are measured in the projects of the versions (test/contract/rival/versions.spec.ts).
  for (const { situation, ours, theirs } of Object.values(versions)) measured.set(situation, [ours, theirs]);
  const rows = [...measured].map(([situation, [ours, theirs]]) => `| ${situation} | ${theirs} | ${ours} |`);
  const table = ["| situation | `@gradio/client` | this package |", "| --- | --- | --- |", ...rows].join("\n");
  const text = readFileSync(readme, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (process.env["UPDATE"] === "1") {
    writeFileSync(readme, `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`);
    return;
  }
  // The formatter aligns the columns.
  const plain = (lines: string): string =>
    lines
      .replaceAll(/ *\| */g, "|")
      .replaceAll(/-+/g, "-")
      .trim();
  expect(plain(text.slice(from, to))).toBe(plain(table));
});
