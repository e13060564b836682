import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Settings } from "../../../packages/cli/src/migrate/context.ts";
import { type Migrated, migrateFiles } from "../../../packages/cli/src/migrate/migrate.ts";

/** Folder of the fixtures. */
export const folder = fileURLToPath(new URL("fixtures", import.meta.url));

/** Number of outputs of the endpoints of an imagined app. */
const outputs = new Map([
  ["greet", 1],
  ["0", 1],
  ["look", 1],
  ["two", 2],
  ["none", 0],
]);

/** Number of outputs of endpoints of the embedded app. */
const embedded = new Map([
  ...["echo", "0", "json", "defaults", "file_info", "file_make", "files_make"].map((name) => [name, 1] as const),
  ["two", 2],
]);

/** Groups of fixtures, with the settings that they are migrated with. */
export const groups: Readonly<Record<string, Settings>> = {
  plain: { target: "@gradio-rx/node", outputs: null },
  app: { target: "@gradio-rx/node", outputs },
  runs: { target: "@gradio-rx/node", outputs: embedded },
  web: { target: "@gradio-rx/web", outputs },
};

/** Returns the files of a folder of a group: their names, and their texts. */
export async function readTexts(group: string, side: "before" | "after"): Promise<Map<string, string>> {
  const names = await readdir(join(folder, group, side));
  const texts = names
    .toSorted()
    .map(async (name) => [name, await readFile(join(folder, group, side, name), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

/** Migrates the files in a folder, and returns them under their names. */
export async function migrateFolder(path: string, settings: Settings): Promise<Map<string, Migrated>> {
  const files = (await readdir(path)).map((name) => join(path, name));
  const migrated = await migrateFiles(files, settings);
  return new Map(migrated.map((one) => [relative(path, one.path), one]));
}

/** Returns the reports of files as the command prints them. */
export function reportsOf(files: Iterable<readonly [name: string, migrated: Migrated]>): string {
  return [...files]
    .flatMap(([name, { reports }]) => reports.map(({ line, message }) => `${name}:${line}: ${message}\n`))
    .join("");
}

/** Writes what the migration makes of the fixtures today. The difference is to be read before it is committed. */
export async function updateFixtures(): Promise<void> {
  for (const [group, settings] of Object.entries(groups)) {
    const migrated = await migrateFolder(join(folder, group, "before"), settings);
    const after = join(folder, group, "after");
    await rm(after, { recursive: true, force: true });
    await mkdir(after, { recursive: true });
    for (const [name, text] of await readTexts(group, "before")) {
      const one = migrated.get(name);
      await writeFile(join(after, name), one && one.before !== "" ? one.after : text);
    }
    await writeFile(join(dirname(after), "reports.txt"), reportsOf(migrated));
  }
}
