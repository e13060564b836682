import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { UsageError } from "../exit.ts";
import { endings } from "./parse.ts";

/** Files that a migration reads. */
export interface Found {
  /** Programs, Vue and Svelte files. */
  programs: string[];
  /** Pages, which are only searched. */
  pages: string[];
  /** Files `package.json`. */
  manifests: string[];
}

/** Folders that are left out: packages, and what build tools write. Folders whose names begin with a point are left out, too. */
const left: ReadonlySet<string> = new Set([
  "node_modules",
  "bower_components",
  "dist",
  "build",
  "out",
  "coverage",
  "vendor",
]);

const pageEndings: readonly string[] = [".html", ".htm", ".astro", ".mdx"];

/** Rules of a `.gitignore`, and the folder that they apply to. */
type Rules = { folder: string; ignored: Ignore };

/**
 * Finds the files to migrate. A path of a file is always read. A folder is walked, without links, without the folders that are left
 * out, and without what the `.gitignore` files of the folder, of its parents in the repository, and of its subfolders name.
 *
 * @throws UsageError for a path that does not exist, or a file that is not a program.
 */
export async function findFiles(paths: readonly string[]): Promise<Found> {
  const found: Found = { programs: [], pages: [], manifests: [] };
  for (const path of paths) {
    const facts = await stat(path).catch(() => null);
    if (facts === null) throw new UsageError(`${JSON.stringify(path)} does not exist.`);
    if (facts.isDirectory()) await walk(path, await rulesAbove(path), found);
    else if (!add(path, found))
      throw new UsageError(
        `${JSON.stringify(path)} is not a file that can be migrated: they end in ${endings.join(", ")}.`,
      );
  }
  return { programs: unique(found.programs), pages: unique(found.pages), manifests: unique(found.manifests) };
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)].toSorted();
}

function add(path: string, found: Found): boolean {
  const ending = extname(path).toLowerCase();
  if (path.endsWith("package.json")) found.manifests.push(path);
  else if (endings.includes(ending)) found.programs.push(path);
  else if (pageEndings.includes(ending)) found.pages.push(path);
  else return false;
  return true;
}

async function walk(folder: string, above: readonly Rules[], found: Found): Promise<void> {
  const rules = [...above, ...(await rulesIn(folder))];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!left.has(entry.name) && !entry.name.startsWith(".") && !isIgnored(`${path}/`, rules))
        await walk(path, rules, found);
    } else if (entry.isFile() && !entry.name.includes(".min.") && !isIgnored(path, rules)) add(path, found);
  }
}

function isIgnored(path: string, rules: readonly Rules[]): boolean {
  return rules.some(({ folder, ignored }) => {
    const inside = relative(folder, path).split(sep).join("/");
    return ignored.ignores(path.endsWith("/") ? `${inside}/` : inside);
  });
}

async function rulesIn(folder: string): Promise<Rules[]> {
  const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => null);
  return text === null ? [] : [{ folder, ignored: ignore().add(text) }];
}

/** Returns the rules of the parents of a folder, up to the root of its repository. */
async function rulesAbove(folder: string): Promise<Rules[]> {
  const rules: Rules[] = [];
  for (let at = resolve(folder); !(await exists(join(at, ".git"))); at = dirname(at)) {
    if (dirname(at) === at) return [];
    rules.unshift(...(await rulesIn(dirname(at))));
  }
  return rules;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
