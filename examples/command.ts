import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { ServedPage } from "../demo/page.ts";

/** A program of a framework, such as its builder or its development server. */
export interface Command {
  /** Path of the JavaScript file. */
  program: string;
  args: readonly string[];
  /** Folder in which it runs. */
  cwd: string;
  /** Further environment variables. */
  env?: Readonly<Record<string, string>>;
}

/** Maximum number of milliseconds until a server is ready. */
const START = 120_000;

/** Number of milliseconds after which a server that does not exit is killed. */
const STOP = 5_000;

/**
 * Runs a program to its end.
 *
 * @throws Error with the output if the program fails.
 */
export async function runCommand(command: Command): Promise<void> {
  const child = start(command);
  const output = collect(child);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${command.args.join(" ")} failed:\n${output()}`);
}

/**
 * Starts a server.
 *
 * @param ready - pattern of the output when the server is ready. Its first group is the address.
 * @throws Error with the output if the server does not start.
 */
export async function startServer(command: Command, ready: RegExp): Promise<ServedPage> {
  const child = start(command);
  try {
    return { url: await address(child, ready), stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function start({ program, args, cwd, env }: Command): ChildProcess {
  // Frameworks set these themselves. A test sets them for its own process.
  const { NODE_ENV: _, NODE_OPTIONS: __, ...inherited } = process.env;
  return spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Returns a function that returns the end of the output so far. */
function collect(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
  return () => output;
}

function address(child: ChildProcess, ready: RegExp): Promise<string> {
  const output = collect(child);
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`The server did not start: ${reason}\n${output()}`));
    const late = setTimeout(() => fail(`not ready after ${START / 1_000} s`), START);
    const look = (): void => {
      const [, url] = ready.exec(output()) ?? [];
      if (url !== undefined) settle(() => resolve(url));
    };
    const settle = (outcome: () => void): void => {
      clearTimeout(late);
      child.stdout?.off("data", look);
      outcome();
    };
    child.stdout?.on("data", look);
    child.on("error", (error) => settle(() => fail(error.message)));
    child.on("exit", () => settle(() => fail("the process exited")));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP);
  await exited;
  clearTimeout(impatience);
}
