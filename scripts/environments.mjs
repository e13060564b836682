// Environments that every feature was tested in, from test/environments. They are stored as JSON and shown in the README.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Path of the stored outcome. */
export const kept = "test/environments/environments.json";
const begin = "<!-- environments: UPDATE=1 with the tests of environments writes this table -->";
const end = "<!-- end of environments -->";

/** With `UPDATE=1`, stores the outcome of one environment, and updates the table of the README. */
export function noteEnvironment(root, name, outcome) {
  if (process.env.UPDATE !== "1") return;
  const path = join(root, kept);
  const outcomes = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  const found = Object.fromEntries(
    Object.entries(outcome).map(([feature, can]) => [feature, can === "yes" ? "yes" : "no"]),
  );
  outcomes[name] = found;
  writeFileSync(path, `${JSON.stringify(outcomes, null, 2)}\n`);
  const readme = join(root, "README.md");
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), outcomes));
}

/** Returns the README with the table of the stored outcome. */
export function withTable(readme, outcomes) {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error("The README lacks the comments around the table of environments.");
  return `${readme.slice(0, from)}${begin}\n\n${table(outcomes)}\n\n${readme.slice(to)}`;
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
