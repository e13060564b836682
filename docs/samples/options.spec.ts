import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionsPage } from "../options.ts";

const file = new URL("../guide/options.md", import.meta.url);

test("the page of options agrees with the doc comments of the packages (UPDATE=1 writes it)", async () => {
  const page = await optionsPage();
  if (process.env["UPDATE"] === "1") writeFileSync(file, page);
  expect(readFileSync(file, "utf8")).toBe(page);
});
