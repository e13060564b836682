import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { collectOutput, stopProcess, waitForOutput } from "../demo/child.ts";
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

/**
 * Runs a program to its end.
 *
 * @throws Error with the output if the program fails.
 */
export async function runCommand(command: Command): Promise<void> {
  const child = start(command);
  const output = collectOutput(child);
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
    const [url = ""] = await waitForOutput(child, ready, {
      describe: (reason, output) => `The server did not start: ${reason}\n${output}`,
    });
    return { url, stop: () => stopProcess(child) };
  } catch (error) {
    await stopProcess(child);
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
