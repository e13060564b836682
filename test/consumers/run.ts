import { spawn } from "node:child_process";

/** Exit code and output of a program. */
export interface Ended {
  /** Exit code; `null` if the program was killed because it did not exit. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Options for running a program. */
export interface RunOptions {
  cwd: string;
  /** Replaces the whole environment. Default: {@link environment}. */
  env?: NodeJS.ProcessEnv;
  /** Whether the command is a shell script on Windows, as npm and pnpm are. */
  script?: boolean;
  /** Maximum number of milliseconds until the program is killed. Default 120 000. */
  patience?: number;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env = environment(), script = false, patience = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const shell = script && process.platform === "win32";
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a JavaScript file with this version of Node. */
export function node(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  return run(process.execPath, [file, ...args], options);
}

/** Returns the environment of a user: without the variables of npm and vitest, such as `NODE_ENV=test`. */
export function environment(): NodeJS.ProcessEnv {
  const ours =
    /^(NODE_ENV|NODE_OPTIONS|NODE_V8_COVERAGE|VITEST.*|FORCE_COLOR|INIT_CWD|TEST|DEV|PROD|SSR|MODE|BASE_URL|npm_(package|lifecycle)_.*)$/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
