import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kept, withTable } from "../../scripts/capabilities.mjs";
import { versions } from "../servers/versions.ts";
import { root } from "./sources.ts";

const capabilities = JSON.parse(readFileSync(join(root, kept), "utf8")) as Record<string, Record<string, string>>;

test("the README's table of servers says what the last run over all of them has found", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(withTable(readme, capabilities)).toBe(readme);
});

test("it tells of versions that are tried, and of nothing else", () => {
  expect(versions("all")).toEqual(expect.arrayContaining(Object.keys(capabilities)));
});
