import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript-5";
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
  const config = { compilerOptions, files };
  if (compiler === "typescript-5") return compileHere(config, dir);
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify(config));
  const { code, stdout } = await node(join(root, "node_modules", compiler, "bin", "tsc"), ["-p", dir], { cwd: dir });
  return code === 0 ? "" : stdout;
}

/**
 * Returns the errors of TypeScript 5.9 for files in a folder. It runs in this process and checks these files alone, because it takes some
 * seconds for the sources of the SDK, which `npm run build` checks.
 */
function compileHere(config: object, dir: string): string {
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, dir);
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...more) => {
    if (name.startsWith(dir)) return readSource(name, ...more);
    let source = sources.get(name);
    if (!source) sources.set(name, (source = readSource(name, ...more)));
    return source;
  };
  const program = ts.createProgram(fileNames, options, host);
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(dir));
  if (own.length < fileNames.length) return `Of ${fileNames.join(", ")}, some were not read.`;
  const found = [...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].concat(
    own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  );
  return ts.formatDiagnostics(found, host);
}

/** Files outside of the folders of tests, which do not change, as TypeScript 5.9 has read them. */
const sources = new Map<string, ts.SourceFile | undefined>();
