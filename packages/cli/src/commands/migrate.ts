import { readFile, writeFile } from "node:fs/promises";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit.ts";
import { isTerminal, style, write } from "../io.ts";
import type { Settings, Target } from "../migrate/context.ts";
import { diffOf } from "../migrate/diff.ts";
import { findFiles } from "../migrate/files.ts";
import { OLD } from "../migrate/kinds.ts";
import { reportManifest } from "../migrate/manifest.ts";
import { type Migrated, migrateFiles, reportPage } from "../migrate/migrate.ts";
import type { CommonOptions, Run } from "../run.ts";
import { clean } from "../terminal/clean.ts";

/** Options of the command. */
export interface MigrateOptions extends CommonOptions {
  write?: boolean;
  platform?: "node" | "web";
  app?: string;
}

/** Changes programs that use `@gradio/client`. Prints a diff, or writes the files, and reports what was not changed. */
export async function migrate(run: Run<MigrateOptions>, paths: readonly string[]): Promise<number> {
  const { options, io } = run;
  const target: Target = `@gradio-rx/${options.platform ?? "client"}`;
  const { programs, pages, manifests } = await findFiles(paths.length > 0 ? paths : ["."]);
  const settings: Settings = { target, outputs: options.app === undefined ? null : await outputsOf(run, options.app) };
  const files = await migrateFiles(programs, settings);
  for (const path of pages) files.push(...reportPage(path, await readFile(path, "utf8")));
  const kept = files.some(({ after }) => after.includes(OLD));
  for (const path of manifests) files.push(...(await reportManifest(path, target, kept)));
  const changed = files.filter(({ before, after }) => before !== after);
  if (options.write) for (const { path, after } of changed) await writeFile(path, after);
  await write(io.stdout, options.json ? jsonOf(files, options) : textOf(changed, run));
  if (!options.json) await write(io.stderr, reportsOf(files, run));
  return files.some(({ reports }) => reports.length > 0) ? exitCodes.no : exitCodes.done;
}

/** Returns the number of outputs of each endpoint of an app, by name without slash and by index. */
async function outputsOf(run: Run, app: string): Promise<ReadonlyMap<string, number>> {
  const { client } = await connect(run, app);
  try {
    return new Map(
      client.endpoints.flatMap(({ name, index, returns }) => [
        [name.replace(/^\//, ""), returns.length] as const,
        [String(index), returns.length] as const,
      ]),
    );
  } finally {
    await client.close();
  }
}

function textOf(changed: readonly Migrated[], { io, options }: Run<MigrateOptions>): string {
  if (options.write) return changed.map(({ path }) => `${path} changed.\n`).join("");
  const diff = changed.map(({ path, before, after }) => diffOf(path, before, after)).join("");
  if (!isTerminal(io.stdout)) return diff;
  return diff.replaceAll(/^[-+@].*$/gm, (line) => style(colourOf(line), clean(line), io.stdout));
}

function colourOf(line: string): "bold" | "red" | "green" | "cyan" {
  if (line.startsWith("---") || line.startsWith("+++")) return "bold";
  if (line.startsWith("@")) return "cyan";
  return line.startsWith("-") ? "red" : "green";
}

function reportsOf(files: readonly Migrated[], { io, options }: Run<MigrateOptions>): string {
  const lines = files.flatMap(({ path, reports }) =>
    reports.map((report) => {
      const line = options.write ? report.lineAfter : report.line;
      return `${style("yellow", `${path}:${line}:`, io.stderr)} ${report.message}\n`;
    }),
  );
  const changed = files.filter(({ before, after }) => before !== after).length;
  const places = lines.length === 1 ? "1 place is" : `${lines.length} places are`;
  const verb = options.write ? "changed" : "can be changed with --write";
  const summary = `${changed === 1 ? "1 file" : `${changed} files`} ${verb}; ${places} left to change by hand.\n`;
  return options.quiet ? lines.join("") : `${lines.join("")}${summary}`;
}

function jsonOf(files: readonly Migrated[], options: MigrateOptions): string {
  const list = files.map(({ path, before, after, reports }) => {
    const lines = reports.map(({ line, lineAfter, message }) => ({ line: options.write ? lineAfter : line, message }));
    return { path, changed: before !== after, reports: lines };
  });
  return `${JSON.stringify({ files: list })}\n`;
}
