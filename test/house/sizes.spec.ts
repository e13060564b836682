import { expect, test } from "vitest";
import { differences, replaceTable, tableIn } from "../../scripts/size-table.mjs";

const page = "# Page\n\n<!-- sizes: npm run size writes this table -->\n\n<!-- end of sizes -->\n\nThe rest.\n";

test("the table is written between its comments, and is read as it was written", () => {
  const rows = [
    ["@gradio-rx/web, `{ Client }` alone", "4.7", "90.3"],
    ["@gradio-rx/web", "60.8", "90.9"],
  ] as const;
  const written = replaceTable(replaceTable(page, []), rows);
  expect(written).toContain("| `@gradio-rx/web` | 60.8 kB | 90.9 kB |");
  expect(written.startsWith("# Page\n")).toBe(true);
  expect(written.endsWith("\n\nThe rest.\n")).toBe(true);
  expect(tableIn(written)).toEqual(rows);
});

test("a page without the comments is not changed: an error names them", () => {
  expect(() => replaceTable("# Page\n", [])).toThrow("<!-- sizes: npm run size writes this table -->");
});

test("sizes that differ by a few bytes are accepted, and larger differences, missing and unknown entries are reported", () => {
  const printed = [
    ["core", "10.0", "90.0"],
    ["web", "60.0", "90.0"],
    ["gone", "1.0", "1.0"],
  ] as const;
  const measured = [
    ["core", "10.2", "91.0"],
    ["web", "63.0", "90.0"],
    ["added", "2.0", "2.5"],
  ] as const;
  expect(differences(printed, measured)).toEqual([
    "gone is printed, and is not an entry.",
    "web has 63.0 kB, 90.0 kB, and the page says 60.0 kB, 90.0 kB.",
    "added is missing: 2.0 kB, 2.5 kB.",
  ]);
});
