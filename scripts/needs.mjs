// Programs that no package registry has: they are looked for before anything is installed, so that a missing one is reported at once.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { env, fail, windows } from "./process.mjs";

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Programs by the name that tasks use: a function that finds one, its Debian package, and a hint for other systems. */
const programs = {
  chromium: {
    find: () => (env.CHROMIUM ? [env.CHROMIUM] : browsers).find((path) => existsSync(path)),
    package: "chromium",
    hint: "Chromium (or set CHROMIUM to its path)",
  },
  nginx: { find: () => onPath("nginx"), package: "nginx-light", hint: "nginx" },
  redis: { find: () => onPath("redis-server"), package: "redis-server", hint: "redis-server" },
  git: { find: () => onPath("git"), package: "git", hint: "git" },
  openssl: { find: () => onPath("openssl"), package: "openssl", hint: "openssl" },
  python: {
    find: () => pythons().find((path) => isPython(path, "sys.version_info >= (3, 10)")),
    package: "python3 python3-pip",
    hint: "Python 3.10 or newer with pip (or set PYTHON to its path)",
  },
  "python 3.11": {
    find: () => [...pythons(), "python3.11"].find((path) => isPython(path, "sys.version_info[:2] == (3, 11)")),
    package: "python3.11 python3-pip",
    hint: "Python 3.11 for old versions of Gradio (or set PYTHON to its path)",
  },
};

/** Finds programs; exits with the command that installs them if some are missing. */
export function need(...names) {
  const found = Object.fromEntries(names.map((name) => [name, programs[name].find()]));
  const missing = names.filter((name) => found[name] === undefined).map((name) => programs[name]);
  if (missing.length > 0)
    fail(
      `Not found: ${missing.map(({ hint }) => hint).join("; ")}.\n` +
        `On Debian: apt-get install -y ${missing.map((program) => program.package).join(" ")}`,
    );
  if (found.chromium) env.CHROMIUM = found.chromium;
}

/** Path or name of a Python that runs the newest Gradio; `undefined` without one. */
export function findPython() {
  return programs.python.find();
}

/** Path of a program; `undefined` if it is not on the PATH. */
export function onPath(name) {
  const file = windows ? `${name}.exe` : name;
  return (env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, file))
    .find((path) => existsSync(path));
}

function pythons() {
  return env.PYTHON ? [env.PYTHON] : windows ? ["python"] : ["python3"];
}

function isPython(path, condition) {
  return (
    spawnSync(path, ["-c", `import sys, pip; sys.exit(not (${condition}))`], { stdio: "ignore", env }).status === 0
  );
}
