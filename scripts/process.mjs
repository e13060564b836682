// Folders, environment and child processes of the tasks.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Folder of everything that the set-up installs besides `node_modules`. */
export const tools = process.env.GRADIO_RX_TOOLS ?? join(root, ".tools");

/** Folder of temporary results. */
export const cache = join(root, ".cache");

export const windows = process.platform === "win32";

/** Folders in which Debian installs servers such as nginx. The PATH of a user who is not root does not contain them. */
const sbin = windows ? [] : ["/usr/local/sbin", "/usr/sbin"];

/** Environment of child processes; the set-up extends it. */
export const env = { ...process.env, PATH: [process.env.PATH ?? "", ...sbin].filter(Boolean).join(delimiter) };

/** Runs a command that shares the terminal; returns whether it succeeded. */
export function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, env, stdio: "inherit", ...options }).status === 0;
}

/** Runs a command; exits with a message if it fails. */
export function must(name, command, args, options = {}) {
  if (!run(command, args, options)) fail(`${name} failed: ${command} ${args.join(" ")}`);
}

/** Prints a message and exits. The last line is that of a failed test run. */
export function fail(message) {
  console.error(`\n${message}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

/** Does `work` once for each value of `key`. The stamp is written last, so that work that failed is repeated. */
export function once(name, key, work) {
  const stamp = join(tools, `${name}.stamp`);
  const wanted = createHash("sha256").update(key).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log(`setting up: ${name}`);
  work();
  writeFileSync(stamp, wanted);
}
