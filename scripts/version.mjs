// Releases the changesets: `npm run version` raises the versions of all packages and moves the changesets into CHANGELOG.md.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRelease } from "./changelog.mjs";
import { cache, root, run } from "./process.mjs";

/** Versions all packages. Returns whether it succeeded. */
export function version() {
  const plan = join(cache, "version.json");
  rmSync(plan, { force: true });
  if (!run("changeset", ["status", "--output", plan])) return false;
  const { changesets, releases } = JSON.parse(readFileSync(plan, "utf8"));
  const next = releases.find(({ type }) => type !== "none")?.newVersion;
  if (!next) {
    console.error("There are no changesets to release. To add one: npm run changeset");
    return false;
  }
  const file = join(root, "CHANGELOG.md");
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(file, addRelease(readFileSync(file, "utf8"), next, today, changesets));
  if (!run("changeset", ["version"]) || !run("oxfmt", ["CHANGELOG.md", "packages/*/package.json"])) return false;
  console.log(`All packages are at version ${next}. Read CHANGELOG.md, and commit the change.`);
  return true;
}
