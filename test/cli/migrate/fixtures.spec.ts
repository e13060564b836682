import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parseSource } from "../../../packages/cli/src/migrate/parse.ts";
import { separateScripts } from "../../../packages/cli/src/migrate/scripts.ts";
import { node, run } from "../../consumers/run.ts";
import { root } from "../../house/sources.ts";
import { embedded } from "../app.ts";
import { migrateFiles } from "../../../packages/cli/src/migrate/migrate.ts";
import { folder, groups, migrateFolder, readTexts, reportsOf, updateFixtures } from "./fixtures.ts";

vi.setConfig({ testTimeout: 60_000 });

if (process.env["UPDATE"] === "1") await updateFixtures();

async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "migrate-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe.each(Object.keys(groups))("the fixtures in %s", (group) => {
  test("become what stands beside them, with the listed reports", async () => {
    const migrated = await migrateFolder(join(folder, group, "before"), groups[group]!);
    const before = await readTexts(group, "before");
    const after = new Map([...before].map(([name, text]) => [name, migrated.get(name)?.after || text]));
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(await readTexts(group, "after")));
    await expect(reportsOf(migrated)).toMatchFileSnapshot(join(folder, group, "reports.txt"));
  });

  test("do not change when they are migrated again", async () => {
    const again = await temporary();
    await cp(join(folder, group, "after"), again, { recursive: true });
    const migrated = await migrateFolder(again, groups[group]!);
    expect([...migrated].filter(([, { before, after }]) => before !== after)).toEqual([]);
  });
});

test("every migrated file is a program", async () => {
  const faults: string[] = [];
  for (const group of Object.keys(groups))
    for (const [name, text] of await readTexts(group, "after"))
      if ("message" in parseSource(name, text)) faults.push(name);
  expect(faults).toEqual(["broken.ts"]);
});

/** Returns the TypeScript of the fixtures that were migrated completely, by the name of a file. */
async function completeCode(): Promise<Map<string, string>> {
  const complete = new Map<string, string>();
  for (const [group, settings] of Object.entries(groups)) {
    const migrated = await migrateFolder(join(folder, group, "before"), settings);
    for (const [name, text] of await readTexts(group, "after")) {
      const isComponent = /\.(vue|svelte)$/.test(name);
      const scripts = isComponent ? separateScripts(text) : null;
      const isTyped = scripts?.typed ?? /\.tsx?$/.test(name);
      if (!isTyped || (migrated.get(name)?.reports.length ?? 0) > 0) continue;
      complete.set(join(group, isComponent ? `${name}.ts` : name), scripts?.code ?? text);
    }
  }
  return complete;
}

test("files that were migrated completely compile against gradio-rx", async () => {
  const dir = join(root, ".cache", "migrate-types");
  await rm(dir, { recursive: true, force: true });
  const code = await completeCode();
  expect(code.size).toBeGreaterThan(15);
  for (const [name, text] of code) {
    await mkdir(join(dir, name, ".."), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  await writeFile(join(dir, "vue.d.ts"), "declare function defineProps<Props>(): Props;\n");
  await writeFile(join(dir, "package.json"), '{ "type": "module" }');
  const source = (path: string): string[] => [join(root, "packages", path)];
  const paths = {
    "@gradio-rx/node": source("node/src/index.ts"),
    "@gradio-rx/web": source("web/src/index.ts"),
    react: source("react/node_modules/@types/react/index.d.ts"),
    "react/jsx-runtime": source("react/node_modules/@types/react/jsx-runtime.d.ts"),
    vue: source("vue/node_modules/vue/dist/vue.d.mts"),
  };
  const compilerOptions = {
    strict: true,
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "nodenext",
    jsx: "react-jsx",
    allowImportingTsExtensions: true,
    customConditions: ["@gradio-rx/source"],
    moduleDetection: "force",
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    paths,
  };
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  const { code: exit, stdout } = await node(join(root, "node_modules/typescript/bin/tsc"), ["-p", dir], { cwd: dir });
  expect(stdout).toBe("");
  expect(exit).toBe(0);
});

test.each(["predict.mjs", "loops.mjs", "files.cjs"])(
  "%s gives the same answers with @gradio/client before and with gradio-rx after the migration",
  async (name) => {
    const { url } = await embedded();
    const answers = ["before", "after"].map(async (side): Promise<unknown> => {
      const file = JSON.stringify(join(folder, "runs", side, name));
      const program = `
        const { run } = await import(${file});
        process.stdout.write("\\n" + JSON.stringify(await run(${JSON.stringify(url)})), () => process.exit());`;
      const args = ["--conditions=@gradio-rx/source", "--input-type=module", "-e", program];
      const { stdout, stderr } = await run(process.execPath, args, { cwd: root });
      // The old client prints errors of its own.
      return [JSON.parse(stdout.split("\n").at(-1)!), side === "before" ? "" : stderr];
    });
    const [before, after] = await Promise.all(answers);
    expect(after).toEqual(before);
  },
);

test.each(["predict.mjs", "files.cjs"])(
  "%s gives the same answers in Node without a chosen platform, where it imports @gradio-rx/client",
  async (name) => {
    const { url } = await embedded();
    const file = join(folder, "runs", "before", name);
    const [migrated] = await migrateFiles([file], { ...groups["runs"]!, target: "@gradio-rx/client" });
    expect(migrated!.after).toContain('"@gradio-rx/client"');
    const cache = join(root, ".cache");
    await mkdir(cache, { recursive: true });
    const dir = await mkdtemp(join(cache, "migrate-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, name), migrated!.after);
    const program = `
    const { run } = await import(${JSON.stringify(join(dir, name))});
    const { run: before } = await import(${JSON.stringify(join(folder, "runs", "after", name))});
    const answers = [await run(${JSON.stringify(url)}), await before(${JSON.stringify(url)})];
    process.stdout.write(JSON.stringify(answers), () => process.exit());`;
    const args = ["--conditions=@gradio-rx/source", "--input-type=module", "-e", program];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: root });
    expect(stderr).toBe("");
    const [answers, expected] = JSON.parse(stdout) as [unknown, unknown];
    expect(answers).toEqual(expected);
  },
);
