import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { between } from "../../../bench/batch/markers.ts";
import { type BatchFault, outcomes } from "./came.ts";

// Writes the outcomes of the last run of the fault specs into the README.

const readme = new URL("../README.md", import.meta.url);
const rows = readdirSync(outcomes)
  .map((file) => JSON.parse(readFileSync(join(outcomes, file), "utf8")) as BatchFault)
  .toSorted((a, b) => a.fault.localeCompare(b.fault))
  .map(({ fault, holds, came }) => `| ${[fault, holds, came].map(cell).join(" | ")} |`);
const head = "| fault | condition | last run |\n| --- | --- | --- |";
writeFileSync(readme, between(readFileSync(readme, "utf8"), "faults", [head, ...rows].join("\n")));

/** Formats text for a table cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
