import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { node } from "../consumers/run.ts";
import { root } from "../house/sources.ts";

/** Compilers that the generated types are compiled with: their names, and their folders in `node_modules`. */
export const compilers: readonly (readonly [name: string, folder: string])[] = [
  ["TypeScript 7", "typescript"],
  ["TypeScript 5.9", "typescript-5"],
];

/** Returns the output of a strict compiler for files in a folder; empty where they compile. */
export async function compile(compiler: string, dir: string, files: readonly string[]): Promise<string> {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: "ES2022",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "nodenext",
    customConditions: ["@gradio-rx/source"],
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    paths: {
      "@gradio-rx/node": [join(root, "packages/node/src/index.ts")],
      "@gradio-rx/web": [join(root, "packages/web/src/index.ts")],
    },
  };
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const { code, stdout } = await node(join(root, "node_modules", compiler, "bin", "tsc"), ["-p", dir], { cwd: dir });
  return code === 0 ? "" : stdout;
}
