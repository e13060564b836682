import { Change, type Report } from "./change.ts";
import type { Context, Settings } from "./context.ts";
import { OLD } from "./kinds.ts";
import { lineAt } from "./parse.ts";
import { type Module, Project } from "./project.ts";
import { reportCatches } from "./rules/catches.ts";
import { changeClients } from "./rules/clients.ts";
import { reportEscapes } from "./rules/escapes.ts";
import { changeEvents } from "./rules/events.ts";
import { changeJobs } from "./rules/jobs.ts";
import { changeLoops } from "./rules/loops.ts";
import { reportMarkup } from "./rules/markup.ts";
import { changeNames } from "./rules/names.ts";
import { changeOptions } from "./rules/options.ts";
import { reportParameters } from "./rules/parameters.ts";
import { changePatterns } from "./rules/patterns.ts";
import { changeResults } from "./rules/results.ts";
import { changeSources } from "./rules/sources.ts";
import { changeStages } from "./rules/stages.ts";
import { changeValues } from "./rules/values.ts";

/** A migrated file. */
export interface Migrated {
  path: string;
  before: string;
  /** The same as `before` where nothing was changed. */
  after: string;
  reports: readonly Report[];
}

const rules: readonly ((context: Context) => void)[] = [
  changeNames,
  changeSources,
  changeOptions,
  changeClients,
  changeResults,
  changeJobs,
  changeLoops,
  changeEvents,
  changeStages,
  changeValues,
  changePatterns,
  reportCatches,
  reportEscapes,
  reportParameters,
  reportMarkup,
];

/** Migrates files. Returns those that were changed or have reports, in the order of their paths. */
export async function migrateFiles(paths: readonly string[], settings: Settings): Promise<Migrated[]> {
  const project = await Project.read(paths);
  const faults = project.unreadable.map(({ path, fault }): Migrated => {
    const message = `The file cannot be read as a program, and is left as it is: ${fault.message.trim().replace(/\.?$/, ".")}`;
    return { path, before: "", after: "", reports: [{ line: fault.line, lineAfter: fault.line, message }] };
  });
  const migrated = project.modules.map((module) => migrateModule(module, settings));
  return [...faults, ...migrated]
    .filter(({ before, after, reports }) => before !== after || reports.length > 0)
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function migrateModule({ source, inference }: Module, settings: Settings): Migrated {
  const change = new Change(source);
  const context = { ...settings, source, inference, change };
  for (const rule of rules) rule(context);
  return { path: source.path, before: source.text, after: change.result, reports: change.reports };
}

/** Reports a page that loads the old package: only programs are changed. */
export function reportPage(path: string, text: string): Migrated[] {
  const at = text.indexOf(OLD);
  if (at < 0) return [];
  const message =
    "Scripts in pages are not changed: load the one-file build of @gradio-rx/web, and change the script by hand.";
  const line = lineAt(text, at);
  return [{ path, before: text, after: text, reports: [{ line, lineAfter: line, message }] }];
}
