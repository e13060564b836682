// Tarballs of the packages, as they would be published: packs them, checks them, and reads what is in them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entriesOf, publishedPackages, readManifest } from "./manifests.mjs";
import { cache, run } from "./process.mjs";

/** Folder that `changeset publish --from-pack-dir` reads: the tarballs, and the plan. */
export const packed = join(cache, "release", "packed");

/** Fields that a package.json needs besides those that npm requires. */
const required = ["description", "keywords", "license", "engines", "sideEffects", "publishConfig"];

/** Fields of a package.json whose ranges users' package managers read. */
const dependencyFields = ["dependencies", "peerDependencies", "optionalDependencies"];

/**
 * Packs packages.
 *
 * @param plan - file with the plan of `changeset publish-plan`. Without it, all packages are packed.
 * @returns whether it succeeded.
 */
export function packAll(plan = writePlan()) {
  rmSync(packed, { recursive: true, force: true });
  return run("changeset", ["pack", "--from-publish-plan", plan, "--out-dir", packed], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Writes a plan that publishes all packages, as for the first release. It asks no registry. Returns its file. */
function writePlan() {
  const plan = publishedPackages().map(({ manifest: { name, version } }) => ({
    kind: "publish",
    name,
    version,
    access: "public",
    tag: "latest",
  }));
  mkdirSync(join(cache, "release"), { recursive: true });
  const file = join(cache, "release", "plan.json");
  writeFileSync(file, JSON.stringify({ version: 1, plan: [plan] }));
  return file;
}

/** Checks the tarballs with publint and Are the types wrong. Returns whether both found nothing in any of them. */
export function lintTarballs() {
  return tarballs()
    .map((file) => run("publint", ["run", file, "--strict"]) && run("attw", [file, "--format", "ascii"]))
    .every(Boolean);
}

/** Returns the files of the tarballs. */
function tarballs() {
  const folder = join(packed, "packages");
  return readdirSync(folder)
    .toSorted()
    .map((file) => join(folder, file));
}

/**
 * Unpacks the tarballs.
 *
 * @returns for each of them its package.json, the folder of its contents, the number of files, and the bytes of the tarball and of
 *   the contents.
 */
export function unpackAll() {
  const folder = join(cache, "release", "unpacked");
  rmSync(folder, { recursive: true, force: true });
  return tarballs().map((file, index) => {
    const target = join(folder, String(index));
    mkdirSync(target, { recursive: true });
    if (!run("tar", ["-xzf", file, "-C", target])) throw new Error(`tar could not unpack ${file}.`);
    const contents = join(target, "package");
    const sizes = readdirSync(contents, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
    return {
      manifest: readManifest(contents),
      contents,
      files: sizes.length,
      packedBytes: statSync(file).size,
      unpackedBytes: sizes.reduce((sum, size) => sum + size, 0),
    };
  });
}

/**
 * Checks the contents of unpacked packages.
 *
 * @param changelog - text of CHANGELOG.md.
 * @returns a sentence for each problem.
 */
export function problemsOf(unpacked, changelog) {
  const versions = new Map(unpacked.map(({ manifest }) => [manifest.name, manifest.version]));
  const [version, ...others] = new Set(versions.values());
  const problems =
    others.length === 0 ? [] : [`The packages have different versions: ${[version, ...others].join(", ")}.`];
  if (!changelog.includes(`\n## ${version} `)) problems.push(`CHANGELOG.md has no section "## ${version}".`);
  return [...problems, ...unpacked.flatMap((one) => problemsOfOne(one, versions))];
}

function problemsOfOne({ manifest, contents }, versions) {
  const absent = ["README.md", "LICENSE", ...targetsOf(manifest)].filter((file) => !existsSync(join(contents, file)));
  const code = readdirSync(contents, { recursive: true, encoding: "utf8" }).filter((file) => /\.c?js$/.test(file));
  const unmapped = code.filter((file) => !existsSync(join(contents, `${file}.map`)));
  const ranges = dependencyFields.flatMap((field) => Object.entries(manifest[field] ?? {}));
  return [
    ...required.filter((field) => manifest[field] === undefined).map((field) => `has no field "${field}"`),
    ...absent.map((file) => `does not contain ${file}`),
    ...unmapped.map((file) => `has no source map for ${file}`),
    ...ranges
      .filter(([, range]) => /^(workspace|catalog|file|link):/.test(range))
      .map(([on, range]) => `depends on ${on} by the range "${range}"`),
    ...ranges
      .filter(([on, range]) => versions.has(on) && range !== `^${versions.get(on)}`)
      .map(([on, range]) => `depends on ${on} by the range "${range}" and not by "^${versions.get(on)}"`),
  ].map((problem) => `${manifest.name} ${problem}.`);
}

/** Returns the files that a package.json names. */
function targetsOf(manifest) {
  const entries = entriesOf(manifest).flatMap(({ types, code }) => [...types, ...code]);
  const named = [
    manifest.main,
    manifest.module,
    manifest.types,
    manifest.unpkg,
    manifest.jsdelivr,
    ...Object.values(manifest.bin ?? {}),
  ];
  return [...new Set([...entries, ...named.filter(Boolean)])];
}

/** Reads CHANGELOG.md of a folder. */
export const readChangelog = (folder) => readFileSync(join(folder, "CHANGELOG.md"), "utf8");
