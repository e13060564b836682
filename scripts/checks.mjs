// Checks and test runs, with a summary that names what failed and how to run it alone.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache, env, root, run, windows } from "./process.mjs";
import { rehearse } from "./release.mjs";

/** Compiles and bundles all packages. */
export const build = () => run("tsc", ["-b"]) && removeBuilt() && run("rollup", ["-c", "--silent"]);

/** Removes earlier builds: names of chunks change, and old chunks would be packed, too. */
function removeBuilt() {
  for (const name of readdirSync(join(root, "packages")))
    rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
  return true;
}

/** Compares the sizes of the packages with their limits, and with those that the documentation prints. */
function sizes() {
  return [run("size-limit", []), run("node", ["scripts/size.mjs", "--check"])].every(Boolean);
}

/** Checks the types of the .vue files in examples/vue-images. */
const vueTypes = () => run("pnpm", ["--dir", "test/vue-types", "run", "check"], { shell: windows });

/** Runs a script of the documentation site. `build` fails on a link without a target. */
export const docs = (script) => run("pnpm", ["--dir", "docs", "run", script], { shell: windows });

/** Checks by name, each with the command that runs it alone, and whether it reads the build. */
const checks = {
  "types and build": { check: build, alone: "npm run build" },
  "vue files": { check: vueTypes, alone: "npm run check -- 'vue files'" },
  lint: { check: () => run("oxlint", ["--deny-warnings"]), alone: "npm run pnpm -- exec oxlint --deny-warnings" },
  format: { check: () => run("oxfmt", ["--check", "."]), alone: "npm run pnpm -- exec oxfmt ." },
  api: { check: () => run("node", ["scripts/api.mjs", "--check"]), alone: "npm run check -- api", built: true },
  release: { check: rehearse, alone: "npm run check -- release", built: true },
  sizes: { check: sizes, alone: "npm run check -- sizes", built: true },
  documentation: { check: () => docs("build"), alone: "npm run docs" },
};

export const checkNames = Object.keys(checks);

/**
 * Runs vitest.
 *
 * @returns the outcomes of all tests. A test that was skipped, although no `-t` selects tests, counts as failed.
 */
function vitest(args) {
  const file = join(cache, "outcomes.json");
  rmSync(file, { force: true });
  env.VITEST_OUTCOME = file;
  const succeeded = run("vitest", ["run", "--reporter=./scripts/reporter.mjs", ...args]);
  const selected = args.some((arg) => arg === "-t" || arg.startsWith("--testNamePattern"));
  let outcomes;
  try {
    outcomes = JSON.parse(readFileSync(file, "utf8")).filter(({ state }) => !(selected && state === "skipped"));
  } catch {
    outcomes = [];
  }
  if (!succeeded && outcomes.every(({ state }) => state === "passed"))
    outcomes.push({ project: "", file: "", name: "vitest failed: see its output above", state: "failed", meta: {} });
  return outcomes;
}

/**
 * Runs the named checks, then the tests. Prints what failed, with the commands that run it alone; the last line has the numbers.
 *
 * @returns the outcomes of the tests, and whether everything passed.
 */
export function check(names, args = []) {
  const start = Date.now();
  const steps = names.length + 1;
  const announce = (step, name) => {
    const seconds = Math.round((Date.now() - start) / 1000);
    console.log(`\n[${step}/${steps}] ${name} (after ${seconds} s)`);
  };
  const failed = names.filter((name, index) => {
    announce(index + 1, name);
    return !checks[name].check();
  });
  announce(steps, "tests");
  const outcomes = vitest(args);
  const failures = outcomes.filter(({ state }) => state !== "passed");
  for (const line of summary(failed, failures)) console.log(line);
  const passed = names.length - failed.length + outcomes.length - failures.length;
  const all = failed.length + failures.length;
  console.log(`\n${passed} passed, ${all} failed`);
  process.exitCode = all === 0 ? 0 : 1;
  return { outcomes, passed: all === 0 };
}

/**
 * Returns lines about failed checks and tests: each failed file once, with its tests and the command that runs it alone.
 *
 * @param failed - names of failed checks.
 * @param failures - outcomes of tests that did not pass.
 */
export function summary(failed, failures) {
  const files = new Map();
  for (const failure of failures) {
    const key = `${failure.project}\n${failure.file}`;
    files.set(key, [...(files.get(key) ?? []), failure]);
  }
  return [
    ...failed.flatMap((name) => ["", `✗ ${name}`, `  alone: ${checks[name].alone}`]),
    ...Array.from(files.values()).flatMap((tests) => {
      const [{ project, file }] = tests;
      const names = tests.map(({ name, state }) => `  ${name}${state === "failed" ? "" : ` (${state})`}`);
      const head = file === "" ? "✗ tests" : `✗ ${file} (${project})`;
      return ["", head, ...names, ...(file === "" ? [] : [`  alone: npm test -- --project "${project}" ${file}`])];
    }),
  ];
}

/** Runs checks by their names, on a new build if one of them reads it. Returns whether all passed. */
export function checkAlone(names) {
  const unknown = names.filter((name) => !checks[name]);
  if (unknown.length > 0 || names.length === 0) {
    const problem = names.length === 0 ? "No check was named." : `Unknown check: ${unknown.join(", ")}.`;
    console.error(`${problem} Checks: ${checkNames.join(", ")}.`);
    return false;
  }
  if (names.some((name) => checks[name].built) && !build()) return false;
  return names.map((name) => checks[name].check()).every(Boolean);
}
