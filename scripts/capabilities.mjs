// Capabilities of the servers of each generation, from the tests that ran against them. They are stored as JSON and shown in
// COMPATIBILITY.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Page with the table. */
export const tablePage = "COMPATIBILITY.md";
/** Path of the outcome of the last complete run. */
export const kept = "test/gradio/capabilities.json";
const begin = "<!-- capabilities: npm run test:servers writes this table -->";
const end = "<!-- end of capabilities -->";

/** Stores the outcome of a complete run and updates the table of the page. */
export function keepCapabilities(root, outcomes) {
  const capabilities = capabilitiesOf(outcomes);
  writeFileSync(join(root, kept), `${JSON.stringify(capabilities, null, 2)}\n`);
  const file = join(root, tablePage);
  writeFileSync(file, withTable(readFileSync(file, "utf8"), capabilities));
}

/** Collects the capabilities by version that tests noted. */
function capabilitiesOf(outcomes) {
  const noted = outcomes
    .filter(({ state, meta }) => state === "passed" && meta.capability)
    .map(({ meta }) => meta.capability);
  const order = (version) => version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0);
  const versions = [...new Set(noted.map((one) => one.version))].toSorted((a, b) => order(a) - order(b));
  return Object.fromEntries(
    versions.map((version) => [
      version,
      Object.fromEntries(noted.filter((one) => one.version === version).map(({ name, can }) => [name, can])),
    ]),
  );
}

/** Returns the page with the table of the stored outcome. */
export function withTable(text, capabilities) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("The page lacks the comments around the table of capabilities.");
  return `${text.slice(0, from)}${begin}\n\n${table(capabilities)}\n\n${text.slice(to)}`;
}

/** Formats one row per version and one column per capability, aligned as the formatter requires. */
function table(capabilities) {
  const versions = Object.keys(capabilities);
  const names = [...new Set(versions.flatMap((version) => Object.keys(capabilities[version])))];
  const rows = [
    ["Gradio", ...names],
    ...versions.map((version) => [version, ...names.map((name) => capabilities[version][name] ?? "?")]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n");
}
