import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { others, pack, type Tarballs } from "./project.ts";
import { type Ended, environment, node, run } from "./run.ts";

/** A project in which a package manager has installed the packed packages. */
export interface Project {
  folder: string;
  /** Runs a program of the folder, with the version of Node that runs the tests. */
  start: (file: string) => Promise<Ended>;
  /** Runs the command line of the packages. */
  command: (...args: string[]) => Promise<Ended>;
  /** Runs a compiler of TypeScript with the tsconfig.json of the folder. */
  compile: () => Promise<Ended>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Packages that a project with all of our packages needs besides them. */
const needed = ["@types/node", "@types/react", "bullmq", "ioredis", "react", "rxjs", "vue"];

/** Returns the dependencies of a project, with a version of TypeScript. */
function dependencies(typescript: string): Record<string, string> {
  return { ...Object.fromEntries(needed.map((name) => [name, others[name]!])), typescript };
}

/** Creates an empty folder with the tarballs, outside of the repository. Returns it, and the address of each tarball in it. */
async function emptyFolder(manager: string): Promise<{ folder: string; ours: Record<string, string> }> {
  const id = createHash("sha256").update(root).digest("hex").slice(0, 8);
  const folder = join(realpathSync(tmpdir()), `gradio-rx-${manager}-${id}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "packed"), { recursive: true });
  const tarballs: Tarballs = await pack(manager);
  const ours = Array.from(tarballs, ([name, bytes]) => {
    // Package managers keep copies by name and version: another content needs another name.
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const file = `./packed/${name.replace("/", "-").replace("@", "")}-${hash}.tgz`;
    writeFileSync(join(folder, file), bytes);
    return [name, `file:${file}`] as const;
  });
  return { folder, ours: Object.fromEntries(ours) };
}

/** Writes the package.json of a project. */
function writeManifest(folder: string, fields: object): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "a-users-project", private: true, ...fields }));
}

/** Fails with the output of an installation that failed. */
function expectInstalled(manager: string, { code, stdout, stderr }: Ended): void {
  if (code !== 0) throw new Error(`${manager} could not install the packed packages:\n${stdout}${stderr}`);
}

/** Returns functions for a project with a folder `node_modules`. */
function withNodeModules(folder: string): Project {
  const compiler = join(folder, "node_modules", "typescript", "bin", "tsc");
  return {
    folder,
    start: (file) => node(file, [], { cwd: folder }),
    command: (...args) => run(join(folder, "node_modules", ".bin", "gradio-rx"), args, { cwd: folder, script: true }),
    compile: () => node(compiler, ["--project", "."], { cwd: folder }),
  };
}

/** Installs with npm. */
async function npm(): Promise<Project> {
  const { folder, ours } = await emptyFolder("npm");
  writeManifest(folder, { dependencies: { ...ours, ...dependencies(others["typescript"]!) } });
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
  expectInstalled("npm", await run("npm", args, { cwd: folder, script: true, patience: 280_000 }));
  return withNodeModules(folder);
}

/** Installs with pnpm, which lets a package import its own dependencies only. */
async function pnpm(): Promise<Project> {
  const { folder, ours } = await emptyFolder("pnpm");
  writeManifest(folder, { dependencies: { ...ours, ...dependencies(others["typescript"]!) } });
  // The packages depend on each other by version, and are on no registry yet.
  const settings = {
    packages: [],
    overrides: ours,
    strictPeerDependencies: true,
    pmOnFail: "ignore",
    ignoreScripts: true,
  };
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify(settings));
  const args = ["install", "--prefer-offline", "--no-frozen-lockfile"];
  expectInstalled("pnpm", await run("pnpm", args, { cwd: folder, script: true, patience: 280_000 }));
  return withNodeModules(folder);
}

/** Installs with Yarn and its default linker, Plug'n'Play: packages stay in archives, and import their own dependencies only. */
async function yarn(): Promise<Project> {
  const { folder, ours } = await emptyFolder("yarn");
  const program = join(root, "node_modules", "@yarnpkg", "cli-dist", "bin", "yarn.js");
  // TypeScript 7 cannot read archives.
  const typescript = others["typescript-5"]!.replace("npm:typescript@", "");
  writeManifest(folder, { dependencies: { ...ours, ...dependencies(typescript) }, resolutions: ours });
  const settings = {
    enableScripts: false,
    enableTelemetry: false,
    enableImmutableInstalls: false,
    nodeLinker: "pnp",
    // A dependency that the declarations of Vue have and its package.json does not name.
    packageExtensions: { "@vue/compiler-core@*": { dependencies: { "@babel/types": "*" } } },
  };
  writeFileSync(join(folder, ".yarnrc.yml"), JSON.stringify(settings));
  writeFileSync(join(folder, "yarn.lock"), "");
  const registry = (await run("npm", ["config", "get", "registry"], { cwd: folder, script: true })).stdout.trim();
  const env = { ...environment(), YARN_NPM_REGISTRY_SERVER: registry };
  const start = (...args: string[]): Promise<Ended> => node(program, args, { cwd: folder, env, patience: 280_000 });
  expectInstalled("yarn", await start("install"));
  return {
    folder,
    start: (file) => start("node", file),
    command: (...args) => start("gradio-rx", ...args),
    compile: () => start("tsc", "--project", "."),
  };
}

/** Package managers, each with a function that installs all packages into an empty folder. */
export const managers = { npm, pnpm, yarn } as const;
