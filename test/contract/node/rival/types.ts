import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type Behaviour, isRival, type Library } from "./behaviour.ts";

const packages = fileURLToPath(new URL("../../../../packages", import.meta.url));

const compilerOptions = {
  target: "es2022",
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  noEmit: true,
  types: [],
};

/**
 * Compiles a program that imports `@gradio/client`, with the declaration files of a package in its place.
 *
 * @returns errors of the compiler, one per line.
 */
async function compile(library: Library, program: string, skipLibCheck: boolean): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const own = isRival(library) ? "compat/node_modules/@gradio/client" : "compat";
  await mkdir(join(folder, "node_modules/@gradio"), { recursive: true });
  await symlink(join(packages, own), join(folder, "node_modules/@gradio/client"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "program.ts"), program);
  const settings = { compilerOptions: { ...compilerOptions, skipLibCheck }, files: ["program.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const { stdout } = spawnSync("tsc", ["-p", folder, "--pretty", "false"], { encoding: "utf8" });
  if (stdout.includes("error TS2307")) throw new Error(`The packages are not built. Run npm run build.\n${stdout}`);
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}

const program = (declaration: string): string => `import { Client } from "@gradio/client";
const client = await Client.connect("http://127.0.0.1:7860", { events: ["data", "status"] });
const result = await client.predict<[string]>("/greet", ["you"]);
${declaration}
export { first };
`;

export const types: Behaviour[] = [
  {
    situation: "Wrong type of an output, under `nodenext`",
    script: async (library) => {
      const errors = await compile(library, program("const first: number = result.data[0];"), true);
      return errors.length === 0 ? "compiles: the types are `any`" : "is an error of the compiler";
    },
    ours: "is an error of the compiler",
    theirs: "compiles: the types are `any`",
  },
  {
    situation: "Correct program under `nodenext`, with `skipLibCheck: false`",
    script: async (library) => {
      const errors = await compile(library, program("const first: string = result.data[0];"), false);
      return errors.length === 0 ? "compiles" : "does not compile";
    },
    ours: "compiles",
    theirs: "does not compile",
  },
];
