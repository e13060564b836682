// Publishes the packages: `npm run release`, or `npm run release -- --dry-run`, which checks everything and publishes nothing.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishedPackages } from "./manifests.mjs";
import { cache, root, run } from "./process.mjs";
import { lintTarballs, packAll, packed, problemsOf, readChangelog, unpackAll } from "./tarballs.mjs";

/** Fields of a package.json that name an address, each with a function that returns the address. */
const addresses = {
  repository: ({ repository }) => (typeof repository === "string" ? repository : repository?.url),
  homepage: ({ homepage }) => homepage,
  bugs: ({ bugs }) => (typeof bugs === "string" ? bugs : bugs?.url),
};

/** Whether a text is the URL of a page or of a Git repository. */
const isAddress = (text) =>
  typeof text === "string" && /^(https?|git\+https|git\+ssh|ssh):\/\/[^/\s]+\/?/.test(text) && URL.canParse(text);

/**
 * Returns the reasons for which packages must not be published because their package.json does not name an address.
 *
 * @param manifests - contents of the package.json of each package.
 * @returns a sentence for each field, with the packages in which it is missing.
 */
function missingAddresses(manifests) {
  return Object.entries(addresses).flatMap(([field, read]) => {
    const names = manifests.filter((manifest) => !isAddress(read(manifest))).map(({ name }) => name);
    const where = names.length === manifests.length ? "every package" : names.join(", ");
    return names.length === 0 ? [] : [`"${field}" names no address in the package.json of ${where}.`];
  });
}

/** Returns the reasons for which this clone must not be published. */
function refusals() {
  const folder = join(root, ".changeset");
  const pending = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md");
  const { status, stdout } = spawnSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" });
  return [
    ...missingAddresses(publishedPackages().map(({ manifest }) => manifest)),
    ...(pending.length > 0
      ? [`Changesets are not released: ${pending.join(", ")}. Run \`npm run version\` first.`]
      : []),
    ...(status !== 0 ? ["`git status` failed: only a clone of the repository can be released."] : []),
    ...(stdout ? ["The clone has changes that are not committed."] : []),
  ];
}

/** Parses the arguments. Throws TypeError for an unknown one. */
const parse = (args) =>
  parseArgs({ args, options: { "dry-run": { type: "boolean", default: false } } }).values["dry-run"];

/** Whether a release with these arguments may begin. Prints the reasons if not. Needs no installed packages. */
export function mayRelease(args) {
  try {
    if (parse(args)) return true;
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run release [-- --dry-run]`);
    return false;
  }
  const reasons = refusals();
  if (reasons.length > 0)
    console.error(`Publishing was refused:\n${list(reasons)}\nTo check everything else: npm run release -- --dry-run`);
  return reasons.length === 0;
}

/** Packs all packages, checks them, and prints them with their sizes. Publishes nothing. Returns whether no check failed. */
export function rehearse() {
  if (!packAll() || !lintTarballs()) return false;
  const unpacked = unpackAll();
  const problems = problemsOf(unpacked, readChangelog(root));
  console.log(`\n${table(unpacked)}\n`);
  if (problems.length > 0) console.error(`The packages cannot be published:\n${list(problems)}`);
  return problems.length === 0;
}

/**
 * Checks the packages, which have been built, and publishes them unless the arguments say `--dry-run`.
 *
 * @returns whether it succeeded.
 */
export function release(args) {
  if (!rehearse()) return false;
  if (!parse(args)) return publish();
  const reasons = refusals();
  console.log("Dry run: nothing was published.");
  if (reasons.length > 0) console.log(`Publishing would be refused:\n${list(reasons)}`);
  return true;
}

/** Publishes the versions that the registry does not have yet, and tags the commit. */
export function publish() {
  const plan = join(cache, "release", "missing.json");
  rmSync(plan, { force: true });
  if (!run("changeset", ["publish-plan", "--output", plan])) return false;
  if (JSON.parse(readFileSync(plan, "utf8")).plan.flat().length === 0) {
    console.log("The registry has all of these versions already.");
    return true;
  }
  if (!packAll(plan) || !run("changeset", ["publish", "--from-pack-dir", packed, "--no-git-tag"])) return false;
  const [{ manifest }] = publishedPackages();
  console.log(`Published. Tag the commit: git tag v${manifest.version} && git push --tags`);
  return true;
}

const list = (sentences) => sentences.map((sentence) => `  - ${sentence}`).join("\n");

/** Returns a table of unpacked packages, with their sizes. */
function table(unpacked) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const rows = unpacked.map(({ manifest, files, packedBytes, unpackedBytes }) => [
    manifest.name,
    manifest.version,
    String(files),
    kilobytes(packedBytes),
    kilobytes(unpackedBytes),
  ]);
  const all = [["package", "version", "files", "packed", "unpacked"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]));
  return all.map((row) => row.map(pad).join("  ")).join("\n");
}
