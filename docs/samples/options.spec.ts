import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionsPage } from "../options.ts";

const file = new URL("../guide/options.md", import.meta.url);
/** Returns a page without the padding of its tables. */
const plain = (text: string): string => text.replaceAll(/-+/g, "-").replaceAll(/\s+/g, " ").trim();

test("the page of options agrees with the doc comments of the packages (UPDATE=1 writes it)", () => {
  if (process.env["UPDATE"] === "1") writeFileSync(file, optionsPage());
  expect(plain(readFileSync(file, "utf8"))).toBe(plain(optionsPage()));
});
