import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kept, tablePage, withTable } from "../../scripts/capabilities.mjs";
import { versions } from "../servers/versions.ts";
import { root } from "./sources.ts";

const capabilities = JSON.parse(readFileSync(join(root, kept), "utf8")) as Record<string, Record<string, string>>;

test("the table of servers shows the outcome of the last complete run", () => {
  const text = readFileSync(join(root, tablePage), "utf8");
  expect(withTable(text, capabilities)).toBe(text);
});

test("the outcome covers every tested version and every capability", () => {
  expect(Object.keys(capabilities)).toEqual(versions("all"));
  const names = Object.keys(Object.values(capabilities)[0]!);
  expect(names.length).toBeGreaterThan(0);
  for (const [version, found] of Object.entries(capabilities)) expect(Object.keys(found), version).toEqual(names);
});
