import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Target } from "./context.ts";
import { OLD } from "./kinds.ts";
import { lineAt } from "./parse.ts";
import type { Migrated } from "./migrate.ts";

const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

/** Commands of package managers, by the lock file that a project has. */
const managers: readonly (readonly [lock: string, install: string, remove: string])[] = [
  ["pnpm-lock.yaml", "pnpm add", "pnpm remove"],
  ["yarn.lock", "yarn add", "yarn remove"],
  ["bun.lock", "bun add", "bun remove"],
  ["bun.lockb", "bun add", "bun remove"],
  ["package-lock.json", "npm install", "npm uninstall"],
];

/**
 * Reports the packages to install for a `package.json` that lists the old package. The file is not changed, since the lock file and the
 * installed packages have to change with it.
 *
 * @param kept - whether programs of the project still import the old package.
 */
export async function reportManifest(path: string, target: Target, kept: boolean): Promise<Migrated[]> {
  const text = await readFile(path, "utf8");
  const fields = fieldsOf(text);
  const named = new Set(kinds.flatMap((kind) => Object.keys((fields[kind] as object | undefined) ?? {})));
  if (!named.has(OLD)) return [];
  const missing = [target, "rxjs"].filter((name) => !named.has(name));
  const [, install, remove] = await managerOf(dirname(path));
  const commands = [
    ...(missing.length > 0 ? [`${install} ${missing.join(" ")}`] : []),
    ...(kept ? [] : [`${remove} ${OLD}`]),
  ];
  if (commands.length === 0) return [];
  const message = `Change the dependencies: ${commands.join(" && ")}`;
  const line = lineAt(text, text.indexOf(`"${OLD}"`));
  return [{ path, before: text, after: text, reports: [{ line, lineAfter: line, message }] }];
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function managerOf(folder: string): Promise<(typeof managers)[number]> {
  for (let at = folder; ; at = dirname(at)) {
    for (const manager of managers) if (await exists(join(at, manager[0]))) return manager;
    if ((await exists(join(at, ".git"))) || dirname(at) === at) return managers.at(-1)!;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
