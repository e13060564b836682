// Measures each entry of the packages, prints a table, and writes it into a page: `node scripts/size.mjs [--check]`. With `--check`, it
// compares the page with the measurement. size-limit bundles each entry with what it imports, minifies, and compresses with gzip.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { entriesOf, publishedPackages } from "./manifests.mjs";
import { cache, env, root } from "./process.mjs";
import { differences, replaceTable, tableIn } from "./size-table.mjs";

/** Page that has the table. */
const page = join(root, "docs", "guide", "performance.md");

/** Modules that a bundle does not contain: those of Node, and packages that an application has anyway or that are not JavaScript. */
const ignore = [...builtinModules.map((name) => `node:${name}`), "react", "vue", "better-sqlite3", "bullmq", "ioredis"];

/** Imports that are measured besides whole entries. */
const single = { specifier: "@gradio-rx/web", import: "{ Client }" };

/** Returns the entries, each with the file that a bundler for pages gets, or the file for Node if the package is for Node. */
function entries() {
  return publishedPackages().flatMap(({ folder, manifest }) =>
    entriesOf(manifest).map(({ subpath, specifier, code }) => {
      // `client` has conditions for platforms alone, of which those for pages are the first.
      const target = manifest.exports[subpath].import?.default ?? code.find((file) => file.endsWith(".js"));
      return { specifier, file: join(folder, target) };
    }),
  );
}

/** Returns the two checks of size-limit for an import: the files that are loaded at first, and all files. */
function checksOf(name, file, more = {}) {
  const check = { name, path: file, gzip: true, ignore, ...more };
  return [{ ...check, entry: basename(file, ".js") }, check];
}

/** Measures all entries. Returns a row for each: its name, and the sizes in kilobytes. */
function measure() {
  const checks = entries().flatMap(({ specifier, file }) => [
    ...(specifier === single.specifier
      ? checksOf(`${specifier}, \`${single.import}\` alone`, file, { import: single.import })
      : []),
    ...checksOf(specifier, file),
  ]);
  const config = join(cache, "size", ".size-limit.json");
  mkdirSync(join(cache, "size"), { recursive: true });
  writeFileSync(config, JSON.stringify(checks));
  const { status, stdout, stderr } = spawnSync("size-limit", ["--json", "--config", config], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`size-limit failed: ${stdout}${stderr}`);
  const sizes = JSON.parse(stdout).map(({ size }) => (size / 1000).toFixed(1));
  return checks.flatMap(({ name }, index) => (index % 2 === 0 ? [[name, sizes[index], sizes[index + 1]]] : []));
}

/** Writes or compares the table. Returns whether the page is as it should be. */
function main() {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const rows = measure();
  const text = readFileSync(page, "utf8");
  if (!values.check) {
    writeFileSync(page, replaceTable(text, rows));
    for (const [name, first, all] of rows)
      console.log(`${name.padEnd(42)} ${first.padStart(6)} kB ${all.padStart(6)} kB`);
    return true;
  }
  const wrong = differences(tableIn(text), rows);
  for (const difference of wrong) console.log(difference);
  if (wrong.length > 0)
    console.log("The sizes in docs/guide/performance.md are not those of the build. To update them: npm run size");
  return wrong.length === 0;
}

process.exitCode = main() ? 0 : 1;
