import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrows, packages } from "./arrows.ts";
import { root, rowOf, sources } from "./sources.ts";

const core = sources("core");

test("every file of core has a row in the arrow table, and every row has a file", () => {
  const used = new Set(core.map((source) => rowOf(Object.keys(arrows), source.name)));
  expect(core.filter((source) => rowOf(Object.keys(arrows), source.name) === undefined)).toEqual([]);
  expect(Object.keys(arrows).filter((row) => !used.has(row))).toEqual([]);
});

test("no file of core imports what the arrow table does not allow", () => {
  const wrong = core.flatMap((source) => {
    const row = rowOf(Object.keys(arrows), source.name)!;
    const room = row.includes("/") ? [] : [row];
    const allowed = [...arrows[row]!, ...room];
    return source.files.filter((file) => rowOf(allowed, file) === undefined).map((file) => `${source.name} → ${file}`);
  });
  expect(wrong).toEqual([]);
});

test("every arrow of the table is used", () => {
  const idle = Object.entries(arrows).flatMap(([row, targets]) => {
    const imported = core
      .filter((source) => rowOf(Object.keys(arrows), source.name) === row)
      .flatMap((source) => source.files);
    return targets
      .filter((target) => !imported.some((file) => rowOf([target], file)))
      .map((target) => `${row} → ${target}`);
  });
  expect(idle).toEqual([]);
});

test("the imports between files of core have no cycles", () => {
  const files = new Map(core.map((source) => [source.name, source.files]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`a circle: ${[...path, name].join(" → ")}`);
    if (done.has(name)) return;
    for (const file of files.get(name) ?? []) visit(file, [...path, name]);
    done.add(name);
  };
  for (const name of files.keys()) visit(name, []);
  expect(done.size).toBe(core.length);
});

test("other packages are imported only where the table allows it: ky in one file, the parser in one", () => {
  const wrong = core.flatMap((source) =>
    source.packages
      .filter((name) => rowOf(packages[name] ?? [], source.name) === undefined)
      .map((name) => `${source.name} → ${name}`),
  );
  expect(wrong).toEqual([]);
  expect(core.filter((source) => source.packages.includes("ky")).map(({ name }) => name)).toEqual(["http/retry"]);
});

test.each(["web", "node", "testing"])("%s imports core by its name alone, and no file of it", (name) => {
  const own = ["core", "core/controller", "core/operators", "core/platform", "core/query"].map(
    (subpath) => `@gradio-rx/${subpath}`,
  );
  if (name === "node") own.push("tough-cookie");
  const outside = sources(name).flatMap((source) => [
    ...source.files.filter((file) => file.startsWith("..")),
    ...source.packages,
  ]);
  const foreign = outside.filter((target) => !target.startsWith("node:") && !own.includes(target));
  expect(foreign).toEqual([]);
});

test.each(["react", "vue"])("%s imports its framework and the package for the web, and nothing else", (name) => {
  const own = [name, "@gradio-rx/web", "@gradio-rx/web/controller"];
  expect(sources(name).flatMap((source) => source.packages.filter((one) => !own.includes(one)))).toEqual([]);
});

test("batch imports the client for Node and its stores, and bullmq and ioredis for Redis alone", () => {
  const redis = ["bullmq", "ioredis"];
  const own = ["@gradio-rx/node", "better-sqlite3", "rxjs"];
  const foreign = sources("batch").flatMap(({ name, packages: targets }) =>
    targets.filter((one) => ![...own, ...(name.startsWith("redis") ? redis : [])].includes(one)),
  );
  expect(foreign.filter((one) => !one.startsWith("node:"))).toEqual([]);
});

test("compat imports the client and the raw calls of core, and nothing else", () => {
  const own = ["@gradio-rx/client", "@gradio-rx/core/raw"];
  expect(sources("compat").flatMap((source) => source.packages.filter((one) => !own.includes(one)))).toEqual([]);
});

test("the command line imports the client for Node, and of others what its commands need", () => {
  const terminal = ["log-update", "string-width", "wrap-ansi"];
  const allowed = ["@gradio-rx/node", "@bomb.sh/tab/commander", "commander", "csv-parse/sync", ...terminal];
  const migration = ["@typescript-eslint/scope-manager", "diff", "ignore", "magic-string", "oxc-parser"];
  const mcp = ["@modelcontextprotocol/server", "@modelcontextprotocol/server/stdio"];
  const batch = ["@gradio-rx/batch", "@gradio-rx/batch/redis"];
  const cli = sources("cli");
  const foreign = cli.flatMap((source) => source.packages).filter((target) => !target.startsWith("node:"));
  expect(foreign.filter((target) => ![...allowed, ...migration, ...mcp, ...batch].includes(target))).toEqual([]);
  const ofMcp = cli.filter((source) => source.packages.some((target) => mcp.includes(target)));
  expect(ofMcp.map(({ name }) => name).toSorted()).toEqual(["commands/mcp", "mcp/call"]);
  const ofMigration = cli.filter((source) => source.packages.some((target) => migration.includes(target)));
  expect(ofMigration.filter(({ name }) => !name.startsWith("migrate/"))).toEqual([]);
  // The package for batches is optional: one file loads it when it is needed, the others import its types.
  const loads = cli.filter(({ text }) => /(?<!typeof )import\("@gradio-rx\/batch/.test(text));
  expect(loads.map(({ name }) => name)).toEqual(["batch/store"]);
  expect(cli.filter(({ text }) => /^import (?!type )[^;]*"@gradio-rx\/batch/m.test(text))).toEqual([]);
});

const house = ["core", "web", "node", "testing", "batch", "react", "vue", "compat", "cli"].flatMap((name) =>
  sources(name).map((source) => ({ ...source, path: `${name}/${source.name}` })),
);

test("no source file is longer than 400 lines", () => {
  expect(house.filter((source) => source.lines > 400).map((source) => source.path)).toEqual([]);
});

test("no folder contains more than a fifth of all lines", () => {
  const rooms = new Map<string, number>();
  for (const { path, lines } of house) {
    const room = path.split("/").slice(0, 2).join("/");
    rooms.set(room, (rooms.get(room) ?? 0) + lines);
  }
  const whole = house.reduce((sum, { lines }) => sum + lines, 0);
  expect([...rooms].filter(([, lines]) => lines > whole / 5)).toEqual([]);
});

test("ARCHITECTURE.md prints the current arrow table", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  for (const [row, targets] of Object.entries(arrows)) {
    const line = text.split("\n").find((one) => one.startsWith(`    ${row} → `));
    const printed = line?.split(" → ")[1]?.trim();
    expect(printed, `the row of ${row}`).toBe(targets.length === 0 ? "nothing" : targets.join(", "));
  }
});
