// Installs the tools of the tasks: a supported Node, pnpm, uv, ffmpeg, and Gradio. All are pinned with the hashes of their files.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findPython, onPath } from "./needs.mjs";
import { cache, env, must, once, root, run, tools, windows } from "./process.mjs";

const pins = join(root, "scripts", "tools");
/** Whether the packages of the workspace support a version of Node. The examples need the newest: `engines` of Angular. */
const supported = ([major, minor, patch]) =>
  (major === 22 && (minor > 22 || (minor === 22 && patch >= 3))) || (major === 24 && minor >= 15) || major >= 26;

/**
 * Installs pnpm, and Node if the current one is not supported, and puts them first on the PATH.
 *
 * @returns the version of Node that tasks run on.
 */
export function installTools() {
  mkdirSync(tools, { recursive: true });
  mkdirSync(cache, { recursive: true });
  // A Node that the set-up installed is not used to decide: it would be removed while it runs.
  const installed = process.execPath.startsWith(realpathSync(tools));
  const own = !installed && supported(process.versions.node.split(".").map(Number));
  const from = join(pins, own ? "pnpm" : "node");
  const lock = readFileSync(join(from, "package-lock.json"), "utf8");
  once("node and pnpm", lock, () => {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(from, name), join(tools, name));
    npm(["ci", "--prefix", tools, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  });
  env.PATH = [join(root, "node_modules", ".bin"), join(tools, "node_modules", ".bin"), env.PATH].join(delimiter);
  return own ? process.version : lock;
}

/** Runs the npm that started this program, or the one on the PATH. */
function npm(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith("npm-cli.js")) must("npm", process.execPath, [script, ...args]);
  else must("npm", windows ? "npm.cmd" : "npm", args, { shell: windows });
}

/** Examples whose frameworks take half a gigabyte. They are installed when a task needs them. */
export const largeExamples = ["angular-signals", "next-relay"];

/**
 * Installs the packages of the lockfile.
 *
 * @param whole - whether the packages of the large examples are installed too.
 */
export function installPackages(node, whole) {
  const key = `${readFileSync(join(root, "pnpm-lock.yaml"), "utf8")}${node}`;
  const stamps = whole ? ["packages of all examples", "packages"] : ["packages"];
  if (!existsSync(join(root, "node_modules")))
    for (const name of ["packages of all examples", "packages"]) rmSync(join(tools, `${name}.stamp`), { force: true });
  once(stamps[0], key, () => {
    const filters = whole ? [] : largeExamples.map((name) => `--filter=!gradio-rx-${name}`);
    must("pnpm install", "pnpm", ["install", "--frozen-lockfile", ...filters], { shell: windows });
  });
  // The whole installation contains the other one.
  if (whole) once(stamps[1], key, () => undefined);
}

/** Installs uv, which installs Python packages. */
function installUv() {
  const target = join(tools, "uv");
  const requirements = join(pins, "uv.txt");
  once("uv", readFileSync(requirements, "utf8"), () =>
    must(
      "pip",
      findPython(),
      `-m pip install --quiet --upgrade --require-hashes --target`.split(" ").concat(target, "-r", requirements),
    ),
  );
  env.UV = join(target, "bin", windows ? "uv.exe" : "uv");
  return env.UV;
}

/** Installs the version of Gradio that requirements.txt pins. */
export function installGradio() {
  const uv = installUv();
  const venv = join(tools, "gradio");
  once("gradio", readFileSync(join(root, "requirements.txt"), "utf8"), () => {
    must("uv", uv, ["venv", "--quiet", "--clear", "--python", findPython(), venv]);
    must("uv", uv, ["pip", "install", "--quiet", "--python", venv, "--require-hashes", "-r", "requirements.txt"]);
  });
  env.GRADIO_PYTHON = join(venv, windows ? "Scripts" : "bin", "python");
}

/** Installs ffmpeg, which Gradio needs for audio streams, if it is not on the PATH: a package has it as a single file. */
export function installFfmpeg() {
  if (onPath("ffmpeg")) return;
  const uv = installUv();
  const target = join(tools, "ffmpeg");
  const bin = join(target, "bin");
  const requirements = join(pins, "ffmpeg.txt");
  once("ffmpeg", readFileSync(requirements, "utf8"), () => {
    rmSync(target, { recursive: true, force: true });
    must("uv", uv, ["pip", "install", "--quiet", "--target", target, "--require-hashes", "-r", requirements]);
    const binaries = join(target, "imageio_ffmpeg", "binaries");
    const [binary] = readdirSync(binaries).filter((name) => name.startsWith("ffmpeg"));
    mkdirSync(bin, { recursive: true });
    cpSync(join(binaries, binary), join(bin, windows ? "ffmpeg.exe" : "ffmpeg"));
  });
  env.PATH = [bin, env.PATH].join(delimiter);
}

/**
 * Installs old versions of Gradio.
 *
 * @param list - `quick` or `all`, a list in test/gradio; its last line is the version of requirements.txt.
 */
export function installServers(list) {
  const lines = readFileSync(join(root, "test", "gradio", `${list}.txt`), "utf8")
    .trim()
    .split("\n");
  installUv();
  env.GRADIO_VERSIONS = list;
  env.GRADIO_SERVERS ??= join(tools, "gradio-servers");
  const script = join(root, "test", "gradio", "serve.sh");
  must("Installing old versions of Gradio", "bash", [script, "install", ...lines.slice(0, -1)]);
}

/** Runs pnpm with the arguments of the command line. */
export function pnpm(args) {
  return run("pnpm", args, { shell: windows });
}
