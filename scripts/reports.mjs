// Compares API reports with those that are stored.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createTwoFilesPatch } from "diff";

/** Returns the files of a folder and its subfolders, as paths in it. */
function filesOf(folder) {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

/**
 * Compares two folders of reports.
 *
 * @returns a patch for each file that differs, exists in `after` alone, or exists in `before` alone.
 */
export function compareReports(before, after) {
  const read = (folder, path) => {
    const file = join(folder, path);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  return Array.from(new Set([...filesOf(before), ...filesOf(after)]))
    .toSorted()
    .map((path) => ({ path, old: read(before, path), new: read(after, path) }))
    .filter((one) => one.old !== one.new)
    .map((one) =>
      createTwoFilesPatch(`api/${one.path}`, `api/${one.path}`, one.old, one.new, "stored", "built", { context: 2 }),
    );
}

/** Returns the message of a check that found differences. */
export function explain(patches) {
  const count = `${patches.length} of the API reports in api/ differ from the build.`;
  return [...patches, `${count} If the change is intended, update them and commit them: npm run api`].join("\n");
}
