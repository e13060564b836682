// Environments that every feature was tested in, from test/environments. They are stored as JSON and shown in COMPATIBILITY.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Page with the table. */
export const tablePage = "COMPATIBILITY.md";
/** Path of the stored outcome. */
export const kept = "test/environments/environments.json";
const begin = "<!-- environments: UPDATE=1 with the tests of environments writes this table -->";
const end = "<!-- end of environments -->";

/** With `UPDATE=1`, stores the outcome of one environment, and updates the table of the page. */
export function noteEnvironment(root, name, outcome) {
  if (process.env.UPDATE !== "1") return;
  const path = join(root, kept);
  const outcomes = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  const found = Object.fromEntries(
    Object.entries(outcome).map(([feature, can]) => [feature, can === "yes" ? "yes" : "no"]),
  );
  outcomes[name] = found;
  writeFileSync(path, `${JSON.stringify(outcomes, null, 2)}\n`);
  const file = join(root, tablePage);
  writeFileSync(file, withTable(readFileSync(file, "utf8"), outcomes));
}

/** Returns the page with the table of the stored outcome. */
export function withTable(text, outcomes) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("The page lacks the comments around the table of environments.");
  return `${text.slice(0, from)}${begin}\n\n${table(outcomes)}\n\n${text.slice(to)}`;
}

/** Formats one row per environment and one column per feature, aligned as the formatter requires. */
function table(outcomes) {
  const names = Object.keys(outcomes);
  const features = [...new Set(names.flatMap((name) => Object.keys(outcomes[name])))];
  const rows = [
    ["environment", ...features],
    ...names.map((name) => [name, ...features.map((feature) => outcomes[name][feature] ?? "?")]),
  ];
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n");
}
