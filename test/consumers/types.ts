import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, node } from "./run.ts";

/** Configurations of users' compilers: each is a folder under fixtures/types with a tsconfig.json. */
export type Compilation = "nodenext" | "bundler" | "node10" | "web";

const programs: Record<Compilation, readonly (readonly [from: string, to: string])[]> = {
  nodenext: [
    ["usage.ts", "usage.mts"],
    ["usage.ts", "usage.cts"],
    ["typed.ts", "typed.mts"],
    ["testing.ts", "testing.mts"],
    ["testing.ts", "testing.cts"],
  ],
  bundler: [
    ["usage.ts", "usage.ts"],
    ["typed.ts", "typed.ts"],
    ["testing.ts", "testing.ts"],
  ],
  node10: [
    ["usage.ts", "usage.ts"],
    ["typed.ts", "typed.ts"],
    ["testing.ts", "testing.ts"],
  ],
  web: [
    ["usage.ts", "usage.ts"],
    ["typed.ts", "typed.ts"],
    ["web.ts", "web.ts"],
  ],
};

/** Programs that use what TypeScript 5.5 and newer infer. */
const inferred: Record<Compilation, readonly (readonly [from: string, to: string])[]> = {
  nodenext: [
    ["filtered.ts", "filtered.mts"],
    ["filtered.ts", "filtered.cts"],
  ],
  bundler: [["filtered.ts", "filtered.ts"]],
  node10: [["filtered.ts", "filtered.ts"]],
  web: [["filtered.ts", "filtered.ts"]],
};

/** Compiles the examples in the README of a package: every TypeScript block that has its own imports. */
export async function compileReadme(project: string, name: string): Promise<Ended & { examples: number }> {
  const readme = readFileSync(join(project, "node_modules", "@gradio-rx", name, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```(tsx?)\n([^]*?)^```$/gm)];
  const examples = blocks.filter(([, , block]) => block?.startsWith("import "));
  const cwd = join(project, "types", "readme");
  for (const old of readdirSync(cwd)) if (/\.tsx?$/.test(old)) rmSync(join(cwd, old));
  for (const [at, [, ending, block = ""]] of examples.entries())
    writeFileSync(join(cwd, `${name}-${at + 1}.${ending}`), block);
  return { ...(await tsc(project, "typescript", "readme")), examples: examples.length };
}

/** Compiles the same programs with the configurations of different users. */
export async function compile(project: string, compiler: string, how: Compilation): Promise<Ended> {
  copyPrograms(project, how, [...programs[how], ...inferred[how]]);
  return await tsc(project, compiler, how);
}

/** Compiles imports of every entry of all packages that a program for Node can use. */
export async function compileEntries(
  project: string,
  compiler: string,
  how: "nodenext" | "bundler" | "node10",
): Promise<Ended> {
  copyPrograms(
    project,
    how,
    how === "nodenext"
      ? [
          ["entries.ts", "entries.mts"],
          ["entries.ts", "entries.cts"],
        ]
      : [["entries.ts", "entries.ts"]],
  );
  return await tsc(project, compiler, how);
}

/** Compiles the same programs and declarations with a compiler that is older than TypeScript 5.5, without the pages. */
export async function compileOld(project: string, compiler: string, how: Compilation): Promise<Ended> {
  copyPrograms(project, how, programs[how]);
  const folder = join(project, "types", how);
  for (const [, name] of inferred[how]) rmSync(join(folder, name), { force: true });
  writeFileSync(join(folder, "old.json"), JSON.stringify({ extends: "./tsconfig.json", include: ["."] }));
  return await tsc(project, compiler, join(how, "old.json"));
}

function copyPrograms(project: string, how: Compilation, list: readonly (readonly [from: string, to: string])[]): void {
  const cwd = join(project, "types");
  for (const [from, to] of list) {
    const source = readFileSync(join(cwd, from), "utf8");
    writeFileSync(join(cwd, how, to), how === "web" ? source.replace("@gradio-rx/node", "@gradio-rx/web") : source);
  }
}

function tsc(project: string, compiler: string, folder: string): Promise<Ended> {
  const cwd = join(project, "types");
  return node(join(project, "node_modules", compiler, "bin", "tsc"), ["-p", folder], { cwd });
}
