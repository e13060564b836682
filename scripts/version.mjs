// Releases the changesets: `npm run version` raises the versions of all packages and moves the changesets into CHANGELOG.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRelease } from "./changelog.mjs";
import { publishedPackages } from "./manifests.mjs";
import { root, run } from "./process.mjs";

/** Versions all packages. Returns whether it succeeded. */
export async function version() {
  // Not installed yet when `run.mjs` starts.
  const { readChangesets } = await import("@changesets/read");
  const changesets = await readChangesets(root);
  if (changesets.length === 0) {
    console.error("There are no changesets to release. To add one: npm run changeset");
    return false;
  }
  if (!run("changeset", ["version"])) return false;
  const [{ manifest }] = publishedPackages();
  const file = join(root, "CHANGELOG.md");
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(file, addRelease(readFileSync(file, "utf8"), manifest.version, today, changesets));
  if (!run("oxfmt", ["CHANGELOG.md", ...publishedPackages().map(({ name }) => `packages/${name}/package.json`)]))
    return false;
  console.log(`All packages are at version ${manifest.version}. Read CHANGELOG.md, and commit the change.`);
  return true;
}
