import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "./bundlers.ts";
import type { Bytes } from "./measure.ts";

/** Sizes of both pages, by bundler. */
export type Sizes = Readonly<Record<string, Readonly<Record<Page, Bytes>>>>;

const stored = fileURLToPath(new URL("sizes.json", import.meta.url));
const page = fileURLToPath(new URL("../../docs/guide/bundlers.md", import.meta.url));
const begin = "<!-- sizes: npm run bundles writes this table -->";
const end = "<!-- end of sizes -->";

/** Returns the sizes that `npm run bundles` stored. */
export function storedSizes(): Sizes {
  return existsSync(stored) ? (JSON.parse(readFileSync(stored, "utf8")) as Sizes) : {};
}

/** Returns the text of the page with the table. */
export function tablePage(): string {
  return readFileSync(page, "utf8");
}

/** Stores the sizes, and writes the table into its page. */
export function keep(sizes: Sizes): void {
  writeFileSync(stored, `${JSON.stringify(sizes, null, 2)}\n`);
  writeFileSync(page, withTable(tablePage(), sizes));
}

/** Returns the page with the table of the sizes. */
export function withTable(text: string, sizes: Sizes): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("The page lacks the comments around the table of sizes.");
  return `${text.slice(0, from)}${begin}\n\n${table(sizes)}\n\n${text.slice(to)}`;
}

/** Formats one row per bundler, aligned as the formatter requires. */
function table(sizes: Sizes): string {
  const kilobytes = (count: number): string => (count / 1_000).toFixed(1);
  const rows = Object.entries(sizes).map(([name, { "gradio-rx": ours, "@gradio/client": theirs }]) => [
    name,
    ...[ours.first, ours.whole, theirs.first, theirs.whole].map(kilobytes),
  ]);
  const head = ["bundler", "gradio-rx: first load", "whole", "@gradio/client: first load", "whole"];
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
