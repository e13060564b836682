// Prints the figures of the source code beside their limits: main.ts [figure …]
// With `words` and paths it lists doc comments and words there that break the rules for plain language. With `road` it writes the
// measured road of a call into ARCHITECTURE.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { figures, valuesOf } from "./figures.ts";
import { type Limit, limits } from "./limits.ts";
import { measureRoad } from "./road.ts";
import { root } from "./sources.ts";
import { filesOf } from "./syntax.ts";
import { clauses, roots, unwanted } from "./words.ts";

const [first, ...rest] = process.argv.slice(2);
if (first === "words") listWords(rest.length > 0 ? rest : roots);
else if (first === "road") await writeRoad();
else await listFigures(first === undefined ? [] : [first, ...rest]);

function listWords(paths: readonly string[]): void {
  const files = filesOf(paths);
  const offenders = [...files.flatMap(clauses), ...files.flatMap(unwanted)];
  for (const { at, words } of offenders) console.log(`${at}  ${words}`);
  console.log(`${offenders.length} in ${files.length} files`);
}

async function writeRoad(): Promise<void> {
  const page = join(root, "ARCHITECTURE.md");
  let text = readFileSync(page, "utf8");
  for (const [way, files] of Object.entries(await measureRoad()))
    text = text.replace(new RegExp(`^    ${way}: .*$`, "m"), `    ${way}: ${files.join(" → ")}`);
  writeFileSync(page, text);
}

/** @param details - figures to print with every place that they count. */
async function listFigures(details: readonly string[]): Promise<void> {
  const found = figures();
  const road = await measureRoad();
  const values = { ...valuesOf(found), down: road.down.length, back: road.back.length };
  const rows = Object.entries<Limit>(limits).map(([figure, { name, limit, target }]) => {
    const value = values[figure as keyof typeof values];
    return [
      figure,
      String(Math.round(value * 10) / 10),
      String(limit),
      String(target),
      value > target ? "*" : "",
      name,
    ];
  });
  print([["figure", "today", "limit", "target", "", ""], ...rows]);
  console.log("* above the target");
  console.log(`\n    down: ${road.down.join(" → ")}\n    back: ${road.back.join(" → ")}`);
  console.log(`\nlongest file: ${found.longest.path}, longest function: ${found.function.at}\n`);
  print(found.rooms.map(({ name, lines, share }) => [name, String(lines), `${(100 * share).toFixed(1)} %`]));
  for (const figure of details) {
    const places: unknown = found[figure as keyof typeof found];
    if (Array.isArray(places)) console.log(`\n${figure}:\n${places.map((place) => `  ${place}`).join("\n")}`);
  }
}

/** Prints a table with aligned columns. */
function print(rows: ReadonlyArray<readonly string[]>): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
}
