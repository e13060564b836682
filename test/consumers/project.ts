import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

/** The packages that users install. */
export const packages = ["core", "web", "node", "client", "testing", "batch", "react", "vue", "compat"] as const;

/** Versions and folders of the newest compiler and of the previous generation, which is still common. */
export const compilers = [
  ["TypeScript 7", "typescript"],
  ["TypeScript 5", "typescript-5"],
] as const;

/** Oldest compiler that reads the types of the packages: its version, and its folder. */
export const oldestCompiler = { version: "5.2.2", folder: "typescript-oldest" } as const;

/** Other dependencies of a user's project: newest stable versions, pinned. */
export const others: Readonly<Record<string, string>> = {
  "@types/node": "22.20.5",
  "@types/react": "19.3.0",
  "@types/react-dom": "19.3.0",
  "@vitejs/plugin-react": "6.3.0",
  "@vitejs/plugin-vue": "6.0.11",
  bullmq: "6.7.0",
  ioredis: "6.0.0",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rxjs: "^7.8.2",
  typescript: "7.0.2",
  "typescript-5": "npm:typescript@5.9.3",
  [oldestCompiler.folder]: `npm:typescript@${oldestCompiler.version}`,
  vite: "8.3.8",
  vue: "3.5.45",
};

/** Oldest version that the packages accept as their peer: the first whose exports name its types. */
export const oldestRxjs = "7.5.5";

/** Dependencies of a program for Node that composes Observables with the oldest rxjs. */
const withOldestRxjs: Record<string, string> = {
  "@types/node": others["@types/node"]!,
  rxjs: oldestRxjs,
  typescript: others["typescript"]!,
};

/** Tarball of each package, by its name. */
export type Tarballs = ReadonlyMap<string, Buffer>;

/**
 * Creates a user's project outside of the workspace: the packed packages installed by npm, and the fixtures. The installation
 * is kept for the next run, until a tarball or a version changes.
 *
 * @returns its folder.
 */
export async function makeProject(): Promise<string> {
  return await create("consumers", await pack("consumers"), others);
}

/** Creates the same project with the oldest rxjs, and without pages. */
export async function makeOldProject(): Promise<string> {
  const tarballs = new Map(
    [...(await pack("consumers"))].filter(([name]) =>
      ["core", "node", "testing", "web"].includes(name.replace("@gradio-rx/", "")),
    ),
  );
  return await create("consumers-old", tarballs, withOldestRxjs);
}

/** Creates a project in which the packages are tested in many environments. */
export async function makeEnvironments(
  dependencies: Readonly<Record<string, string>>,
  source: string,
): Promise<string> {
  const wanted = new Set(["core", "web", "node", "client", "testing"].map((name) => `@gradio-rx/${name}`));
  const tarballs = new Map([...(await pack("environments"))].filter(([name]) => wanted.has(name)));
  return await create("environments", tarballs, dependencies, { environments: source });
}

async function create(
  kind: string,
  tarballs: Tarballs,
  dependencies: Readonly<Record<string, string>>,
  folders: Readonly<Record<string, string>> = fixtureFolders(),
): Promise<string> {
  const id = createHash("sha256").update(root).digest("hex").slice(0, 8);
  // Resolves links: some tools do and some do not.
  const project = join(realpathSync(tmpdir()), `gradio-rx-${kind}-${id}`);
  await install(project, tarballs, dependencies);
  for (const [folder, source] of Object.entries(folders)) {
    rmSync(join(project, folder), { recursive: true, force: true });
    cpSync(source, join(project, folder), { recursive: true });
  }
  return project;
}

/** Folders of the consumers' fixtures, by name. */
function fixtureFolders(): Record<string, string> {
  return Object.fromEntries(readdirSync(fixtures).map((folder) => [folder, join(fixtures, folder)]));
}

/**
 * Packs each package as it would be published. The tarballs are listed by the names of their packages.
 *
 * @param kind - name of the folder in .cache: each spec file has its own.
 */
export async function pack(kind: string): Promise<Tarballs> {
  for (const name of packages)
    for (const file of ["index.js", "index.cjs", "index.d.ts", "index.d.cts"])
      if (!existsSync(join(root, "packages", name, "dist", file)))
        throw new Error(`packages/${name}/dist/${file} has not been built: run \`npm run build\` first.`);

  if (!existsSync(join(root, "packages/cli/dist/bin.js")))
    throw new Error("packages/cli/dist/bin.js has not been built: run `npm run build` first.");

  const packed = join(root, ".cache", kind, "packed");
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  const args = ["-r", "--filter", "./packages/*", "pack", "--pack-destination", packed];
  const { code, stdout, stderr } = await run("pnpm", args, { cwd: root, script: true });
  if (code !== 0) throw new Error(`pnpm could not pack the packages:\n${stdout}${stderr}`);
  const files = readdirSync(packed);
  const tarball = (name: string, start: RegExp): [name: string, bytes: Buffer] => {
    const file = files.find((one) => start.test(one));
    if (file === undefined) throw new Error(`pnpm did not pack ${name}.`);
    return [name, readFileSync(join(packed, file))];
  };
  const libraries = packages.map((name) => tarball(`@gradio-rx/${name}`, new RegExp(`^gradio-rx-${name}-`)));
  return new Map([...libraries, tarball("gradio-rx", /^gradio-rx-\d/)]);
}

async function install(project: string, tarballs: Tarballs, more: Readonly<Record<string, string>>): Promise<void> {
  // Named by content hash, so that npm notices which one changed.
  const named = [...tarballs].map(([name, bytes]) => {
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return { name, file: `packed/${name.replace("/", "-").replace("@", "")}-${hash}.tgz`, bytes };
  });
  const ours = named.map(({ name, file }) => [name, `file:${file}`]);
  const dependencies = { ...Object.fromEntries(ours), ...more };
  const manifest = JSON.stringify(
    { name: "a-users-project", private: true, type: "module", dependencies },
    undefined,
    2,
  );
  const stamp = join(project, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) return;

  rmSync(stamp, { force: true });
  // Removes what npm installed before: npm would find the same version installed already.
  for (const old of ["packed", "node_modules/@gradio-rx", "node_modules/gradio-rx", "node_modules/.package-lock.json"])
    rmSync(join(project, old), { recursive: true, force: true });
  mkdirSync(join(project, "packed"), { recursive: true });
  for (const { file, bytes } of named) writeFileSync(join(project, file), bytes);
  writeFileSync(join(project, "package.json"), manifest);
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"];
  const { code, stdout, stderr } = await run("npm", args, { cwd: project, script: true, patience: 280_000 });
  if (code !== 0) throw new Error(`npm could not install the packed packages:\n${stdout}${stderr}`);
  writeFileSync(stamp, manifest); // Written last, so that an installation that failed is repeated.
}
