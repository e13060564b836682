import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const bin = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
const terminal = fileURLToPath(new URL("terminal.py", import.meta.url));

/** Exit code and output of a program. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Options for starting the program. */
export interface StartOptions {
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Input on stdin. Default: empty, and closed at once. `null` leaves it open. */
  input?: string | null;
  /** Streams that are a terminal; output of the program to it is in `stdout`. Default: none. */
  terminal?: readonly ("in" | "out" | "err")[];
}

/** A run of the program. */
export interface Running {
  child: ChildProcess;
  /** Output so far. */
  said: { stdout: string; stderr: string; terminal: string };
  ended: Promise<Ended & { terminal: string }>;
  /** Waits until an output contains a text. */
  until: (stream: "stdout" | "stderr" | "terminal", text: string | RegExp) => Promise<void>;
}

/** Returns the environment of a user who has set no variable for this program. */
export function environment(more: StartOptions["env"] = {}): NodeJS.ProcessEnv {
  const { PATH, Path, HOME, SYSTEMROOT, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  const all = {
    PATH,
    Path,
    HOME,
    SYSTEMROOT,
    TMPDIR,
    NODE_COMPILE_CACHE,
    TERM: "xterm-256color",
    HF_TOKEN_PATH: "/nowhere",
    ...more,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Starts the program. It is stopped when the test ends. */
export function start(args: readonly string[], options: StartOptions = {}): Running {
  const { env, cwd, input = "", terminal: streams = [] } = options;
  const command = [process.execPath, "--conditions=@gradio-rx/source", bin, ...args];
  const whole = streams.length > 0 ? ["python3", terminal, streams.join(","), ...command] : command;
  const [file = "", ...rest] = whole;
  const child = spawn(file, rest, { env: environment(env), cwd, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "", terminal: "" };
  const changed = new Set<() => void>();
  const keep = (stream: keyof typeof said, from: NodeJS.ReadableStream): void => {
    from.setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
      for (const look of changed) look();
    });
  };
  keep(streams.length > 0 ? "terminal" : "stdout", child.stdout);
  keep("stderr", child.stderr);
  keep("stdout", child.stdio[3] as NodeJS.ReadableStream);
  child.stdin.on("error", () => undefined);
  if (input !== null && streams.length === 0) child.stdin.end(input);
  const ended = new Promise<Ended & { terminal: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...said });
      for (const look of changed) look();
    });
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  });
  const until: Running["until"] = (stream, text) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = typeof text === "string" ? said[stream].includes(text) : text.test(said[stream]);
        if (found) resolve();
        else if (child.exitCode !== null)
          reject(new Error(`The program ended with ${child.exitCode}: ${JSON.stringify(said)}`));
        else return;
        changed.delete(look);
      };
      changed.add(look);
      look();
    });
  return { child, said, ended, until };
}

/** Runs the program to its end, with pipes. */
export async function run(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const { code, stdout, stderr } = await start(args, options).ended;
  return { code, stdout, stderr };
}
