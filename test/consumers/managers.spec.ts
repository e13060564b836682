import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { entriesOf, publishedPackages } from "../../scripts/manifests.mjs";
import { managers, type Project } from "./managers.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const silent = { code: 0, stdout: "", stderr: "" };
const packages = publishedPackages();

/** Every entry of every package. */
const entries = packages.flatMap(({ manifest }) => entriesOf(manifest).map(({ specifier }) => specifier));

/** A program that prints the number of names that each entry exports. `load` is an expression with the variable `name`. */
function program(load: string): string {
  return `(async () => {
  const counts = {};
  for (const name of ${JSON.stringify(entries)}) counts[name] = Object.keys(${load}).length;
  console.log(JSON.stringify(counts));
})();\n`;
}

/** Imports of all entries, each of which is used. */
const imports = [
  ...entries.map((name, index) => `import * as entry${index} from "${name}";`),
  `export const all: object[] = [${entries.map((_, index) => `entry${index}`).join(", ")}];`,
].join("\n");

const tsconfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: "es2022",
    module: "nodenext",
    lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    types: ["node"],
  },
  files: ["types.mts", "types.cts"],
};

describe.each(["npm", "pnpm", "yarn"] as const)("all packages, installed by %s in an empty folder", (manager) => {
  let project: Project;
  beforeAll(async () => {
    project = await managers[manager]();
    const write = (file: string, text: string): void => writeFileSync(join(project.folder, file), text);
    write("esm.mjs", program("await import(name)"));
    write("cjs.cjs", program("require(name)"));
    write("types.mts", imports);
    write("types.cts", imports);
    write("tsconfig.json", JSON.stringify(tsconfig));
    mkdirSync(join(project.folder, "old"), { recursive: true });
    write(
      "old/page.mjs",
      'import { Client } from "@gradio/client";\nexport const app = await Client.connect("owner/name");\n',
    );
  });

  test.each(["esm.mjs", "cjs.cjs"])("%s loads every entry, and each exports names", async (file) => {
    const { code, stdout, stderr } = await project.start(file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const counts = Object.entries(JSON.parse(stdout) as Record<string, number>);
    expect(counts.map(([name]) => name)).toEqual(entries);
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
  });

  test("the command line prints its version, and finds the packages that a command loads", async () => {
    const version = packages.find(({ manifest }) => manifest.name === "gradio-rx")?.manifest.version;
    expect(await project.command("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    const { code, stdout } = await project.command("migrate", "old");
    expect(stdout).toContain('+import { Client } from "@gradio-rx/client";');
    expect(code).toBe(0);
  });

  test("the types of every entry compile with all declarations checked", async () => {
    expect(await project.compile()).toEqual(silent);
  });
});
