// The bench: `npm run bench`. README.md describes what it measures.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { BATCH, BUNDLE, HELP, readArguments, type Options } from "./arguments.ts";
import { writeCosts } from "./batch/table.ts";
import { bundles } from "./bundle.ts";
import { compileSample, here } from "./compile.ts";
import { svg } from "./plots.ts";
import { summary } from "./profile.ts";
import type { Result, Verdict } from "./rows.ts";
import { runAll } from "./run.ts";
import { scenarios } from "./scenarios.ts";
import { markdown } from "./table.ts";

const cache = join(here, "../.cache/bench");

async function main(options: Options): Promise<void> {
  if (options.help) return console.log(HELP);
  const start = performance.now();
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const chosen = scenarios
    .filter(({ id }) => options.only?.includes(id) ?? true)
    .filter(({ adapters }) => adapters.some((name) => options.adapters?.includes(name) ?? true));
  const results: Result[] = [];
  let gradio = "";
  if (chosen.length > 0) {
    const say = (text: string): void => console.log(`${Math.round((performance.now() - start) / 1_000)} s  ${text}`);
    const ran = await runAll({ options, program: await compileSample("bench"), folder: cache, say }, chosen);
    results.push(...ran.results);
    gradio = ran.gradio;
  }
  if (options.only?.includes(BUNDLE) ?? options.adapters === null) {
    const { results: sizes, modules } = await bundles("bench");
    results.push(...sizes);
    if (options.only)
      for (const [name, bytes] of modules.slice(0, 60)) console.log(`${String(bytes).padStart(7)}  ${name}`);
  }
  if (options.only?.includes(BATCH)) await writeCosts((text) => console.log(text));
  if (options.profile) printProfiles();
  report(options, results, gradio);
}

function report(options: Options, results: readonly Result[], gradio: string): void {
  const whole =
    !options.quick && !options.profile && options.only === null && options.adapters === null && options.rounds === null;
  const folder = whole ? join(here, "results") : cache;
  mkdirSync(folder, { recursive: true });
  const table = markdown(results);
  console.log(`\n${table}`);
  const judged = results.filter((result) => result.verdict !== null);
  const count = (verdict: Verdict): number => judged.filter((result) => result.verdict === verdict).length;
  const others = count("out of reach") > 0 ? ` ${count("out of reach")} are missed by the minimum, too.` : "";
  const verdict = `${count("met")} of ${judged.length} targets met.${others}`;
  console.log(verdict);
  writeFileSync(join(folder, "table.md"), `${head(gradio, verdict)}${table}`);
  writeFileSync(join(folder, "plots.svg"), svg(results));
  if (whole) console.log("Written to bench/results.");
}

function head(gradio: string, verdict: string): string {
  const rivals = (name: string): string =>
    JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;
  const day = new Date().toISOString().slice(0, 10);
  return `# The bench's figures

Medians of one run, ${day}: Node ${process.versions.node}, ${cpus().length} cores, @gradio/client ${rivals("@gradio/client")}${gradio === "" ? "" : `, Gradio ${gradio}`}. In brackets: as many
times as the floor of the same run. bench/README.md describes how it is measured. ${verdict}

`;
}

function printProfiles(): void {
  for (const name of readdirSync(cache).filter((file) => file.endsWith(".cpuprofile")))
    console.log(`\n${name}: ${summary(join(cache, name))}`);
}

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
