import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** One source file of a package, and what it imports. */
export interface Source {
  /** Within the package's `src`, without its ending. */
  name: string;
  /** Files of the same package, as `name`. */
  files: string[];
  /** Other packages, by name. */
  packages: string[];
  lines: number;
  text: string;
}

/** The sources of a package, without its specs. */
export function sources(name: string): Source[] {
  const folder = join(root, "packages", name, "src");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".spec.ts"))
    .map((entry) => read(folder, join(entry.parentPath, entry.name)));
}

function read(folder: string, path: string): Source {
  const text = readFileSync(path, "utf8");
  const name = relative(folder, path).replaceAll("\\", "/").replace(/\.ts$/, "");
  const imported = [...text.matchAll(/^(?:import|export)\b(?:[^"';]*\bfrom)?\s*"([^"]+)";/gm)].map(
    (match) => match[1]!,
  );
  const lazy = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']/g)].map((match) => match[1]!);
  const all = [...imported, ...lazy];
  return {
    name,
    files: all
      .filter((target) => target.startsWith("."))
      .map((target) => posix.normalize(posix.join(posix.dirname(name), target)).replace(/\.ts$/, "")),
    packages: all.filter((target) => !target.startsWith(".")),
    lines: text.split("\n").length,
    text,
  };
}

/** The longest key of a table that is the file itself or a folder around it. */
export function rowOf(table: readonly string[], name: string): string | undefined {
  return table.filter((row) => name === row || name.startsWith(`${row}/`)).toSorted((a, b) => b.length - a.length)[0];
}
