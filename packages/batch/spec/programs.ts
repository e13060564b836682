import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A program of the specs that runs in a process of its own. */
export interface Program {
  child: ChildProcess;
  /** Lines that it has printed. */
  lines: string[];
  /** Kills it without a chance to clean up, and waits for its end. */
  kill(): Promise<void>;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
}

/** Starts a program of `spec/programs`, with a value as its argument. It is killed at the end of the test. */
export function startProgram(name: string, argument: unknown): Program {
  const child = spawn(process.execPath, argumentsOf(name, argument), { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const collect = (chunk: Buffer): void => void lines.push(...chunk.toString().trimEnd().split("\n"));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  return { child, lines, kill, ended };
}

/** Returns the arguments of Node for a program of `spec/programs`. */
export function argumentsOf(name: string, argument: unknown): string[] {
  const path = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  return ["--conditions=@gradio-rx/source", "--disable-warning=ExperimentalWarning", path, JSON.stringify(argument)];
}
