import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "../consumers/project.ts";
import { run } from "../consumers/run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

/** Packages of this SDK that the page uses. */
const used = ["@gradio-rx/core", "@gradio-rx/web", "@gradio-rx/react"];

/**
 * Creates a project outside of the workspace with all bundlers: npm installs the versions of the lockfile, and the packed packages
 * are unpacked beside them. The installation is kept until the lockfile changes.
 *
 * @returns its folder.
 */
export async function makeProject(): Promise<string> {
  const id = createHash("sha256").update(root).digest("hex").slice(0, 8);
  // Resolves links: some tools do and some do not.
  const project = join(realpathSync(tmpdir()), `gradio-rx-bundlers-${id}`);
  await install(project);
  const tarballs = await pack("bundlers");
  for (const name of used) await unpack(project, name, tarballs.get(name)!);
  return project;
}

async function install(project: string): Promise<void> {
  const lock = readFileSync(join(here, "package-lock.json"), "utf8");
  const stamp = join(project, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;

  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(here, name), join(project, name));
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { code, stdout, stderr } = await run("npm", args, { cwd: project, script: true, patience: 280_000 });
  if (code !== 0) throw new Error(`npm could not install the bundlers:\n${stdout}${stderr}`);
  writeFileSync(stamp, lock); // Written last, so that an installation that failed is repeated.
}

async function unpack(project: string, name: string, tarball: Buffer): Promise<void> {
  const folder = join(project, "node_modules", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.tgz"), tarball);
  const args = ["-xzf", "package.tgz", "--strip-components=1"];
  const { code, stderr } = await run("tar", args, { cwd: folder });
  if (code !== 0) throw new Error(`tar could not unpack ${name}: ${stderr}`);
}
