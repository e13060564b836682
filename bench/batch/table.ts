import { readFileSync, writeFileSync } from "node:fs";
import { digits } from "../table.ts";
import { between } from "./markers.ts";
import { type Costs, costsOf, GROUP, GROWTH, kinds, sizes } from "./sizes.ts";

const readme = new URL("../../packages/batch/README.md", import.meta.url);

/** Limits of the costs at one size, from those of 10,000 inputs. */
const limits: Array<[name: string, figure: keyof Costs]> = [
  ["commands for each input", "commands"],
  ["bytes in the store for each input", "bytes"],
  ["largest heap, MB", "heap"],
];

/** Runs all sizes, and writes their costs into the README of the package. Sets the exit code if a limit is exceeded. */
export async function writeCosts(say: (text: string) => void): Promise<void> {
  const found: Array<{ kind: string; size: number; costs: Costs }> = [];
  for (const kind of kinds)
    for (const size of sizes) {
      const costs = await costsOf(kind, size);
      found.push({ kind, size, costs });
      say(`batch, ${kind}, ${size}: ${JSON.stringify(costs)}`);
    }
  const text = readFileSync(readme, "utf8");
  writeFileSync(readme, between(text, "costs", markdown(found)));
  for (const kind of kinds) {
    const [, base, , last] = found.filter((one) => one.kind === kind).map(({ costs }) => costs);
    for (const [name, figure] of limits) {
      if (last![figure] <= GROWTH * base![figure]) continue;
      say(`batch, ${kind}: ${name} exceed ${GROWTH} times those of 10,000 inputs.`);
      process.exitCode = 1;
    }
  }
}

/** Formats the costs as a Markdown table. */
export function markdown(found: ReadonlyArray<{ kind: string; size: number; costs: Costs }>): string {
  const head = ["store", "inputs", ...limits.map(([name]) => name), "look-ups of a rerun", "inputs a second"];
  const rows = found.map(({ kind, size, costs }) => {
    const base = found.find((one) => one.kind === kind && one.size === 10_000)!.costs;
    const cells = limits.map(([, figure]) => {
      const bound = size === 1_000_000 ? ` (≤ ${digits(GROWTH * base[figure])})` : "";
      return `${digits(costs[figure])}${bound}`;
    });
    const lookups = `${costs.lookups.toLocaleString("en")} (= n/${GROUP})`;
    const all = [kind, size.toLocaleString("en"), ...cells, lookups, Math.round(costs.rate).toLocaleString("en")];
    return `| ${all.join(" | ")} |`;
  });
  return [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...rows].join("\n");
}
