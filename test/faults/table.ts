import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kept } from "../servers/outcomes.ts";
import { newest } from "../servers/versions.ts";
import type { Outcome } from "./run.ts";

// Writes FAULTS.md from the last outcomes of the fault suite.

const places = {
  "node-embedded": "Node, embedded app",
  [`node-${newest}`]: `Node, Gradio ${newest}`,
  "browser-embedded": "Chromium, embedded app",
};

const measured = Object.entries(places).map(([run, place]) => {
  const found = readdirSync(kept).includes(`${run}.json`);
  const outcomes = found
    ? (JSON.parse(readFileSync(join(kept, `${run}.json`), "utf8")) as Record<string, Outcome>)
    : {};
  return { place, outcomes };
});

const faults = new Map<string, Outcome>();
for (const { outcomes } of measured)
  for (const [key, one] of Object.entries(outcomes)) if (!faults.has(key)) faults.set(key, one);

/** Formats text for a table cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

function came(outcome: Outcome | undefined): string {
  if (!outcome) return "–";
  const what = `${outcome.outcome}, ${outcome.milliseconds} ms`;
  return cell(outcome.faults.length === 0 ? what : `**${what}: ${outcome.faults.join("; ")}**`);
}

const summary = measured.map(({ place, outcomes }) => {
  const all = Object.values(outcomes);
  const good = all.filter((one) => one.faults.length === 0);
  const right = good.filter((one) => one.outcome === "right").length;
  return `| ${place} | ${all.length} | ${right} | ${good.length - right} | ${all.length - good.length} |`;
});

const families = Map.groupBy(faults, ([, { family }]) => family);
const tables = Array.from(families, ([family, all]) => {
  const rows = all.map(([key, { fault, required, bound }]) => {
    const cells = measured.map(({ outcomes }) => came(outcomes[key]));
    return `| ${[cell(fault), cell(required), `${bound} ms`, ...cells].join(" | ")} |`;
  });
  const head = ["fault", "allowed", "bound", ...Object.values(places)];
  return `## ${family}\n\n| ${head.join(" | ")} |\n| ${head.map(() => "---").join(" | ")} |\n${rows.join("\n")}\n`;
});

const text = `# Faults

Faults between a client and its app, their allowed outcomes, and their outcomes in the last run. \`npm run faults\` runs them again
and writes this page. The faults are defined in \`test/faults/rows\`; the proxy that causes them is part of \`@gradio-rx/testing\`.

Each fault applies to one call of a client, or to connecting. Then a second call of the same client, without a fault, must succeed,
\`close()\` must finish in time, no error may be unhandled, no secret may reach another origin, and the app must not receive a call
twice unless that is allowed. \`right\` means that every output was correct. Errors are given by their class, with the property that
distinguishes them in brackets (\`ConnectionError(true)\`: the app had accepted the call). The times were measured on one machine.

<!-- #region summary -->

| place | faults | right | typed error | violations |
| --- | --- | --- | --- | --- |
${summary.join("\n")}

<!-- #endregion summary -->

${tables.join("\n")}`;

writeFileSync(fileURLToPath(new URL("../../FAULTS.md", import.meta.url)), text);
