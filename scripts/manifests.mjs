// Packages that are published, as their package.json describes them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";

/** Folder of the packages. */
const packages = join(root, "packages");

/**
 * Returns the packages that are published, in the order of their names.
 *
 * @returns for each package the name of its folder, the folder, and its package.json.
 */
export function publishedPackages() {
  return readdirSync(packages)
    .filter((name) => existsSync(join(packages, name, "package.json")))
    .map((name) => ({ name, folder: join(packages, name), manifest: readManifest(join(packages, name)) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** Reads the package.json of a folder. */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * Returns the subpaths that programs can import from a package, such as `"."` and `"./query"`, without that of package.json.
 *
 * @returns for each subpath the paths of its files under one key of a condition: `types` or `default`.
 */
export function entriesOf(manifest) {
  return Object.entries(manifest.exports ?? {})
    .filter(([subpath]) => subpath !== "./package.json")
    .map(([subpath, target]) => ({
      subpath,
      specifier: `${manifest.name}${subpath.slice(1)}`,
      types: filesUnder(target, "types"),
      code: filesUnder(target, "default"),
    }));
}

/** Returns the paths into `dist` that conditions of an export have under a key, each once. */
function filesUnder(target, key) {
  if (typeof target !== "object" || target === null) return [];
  const found = Object.entries(target).flatMap(([condition, value]) =>
    typeof value === "string"
      ? condition === key && value.startsWith("./dist/")
        ? [value]
        : []
      : filesUnder(value, key),
  );
  return [...new Set(found)];
}
