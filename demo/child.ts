import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Maximum number of milliseconds until a server is ready. */
const START = 120_000;

/** Number of milliseconds after which a server that does not exit is killed. */
const STOP = 5_000;

/** Returns a function that returns the end of the output so far, of stdout and stderr. */
export function collectOutput(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
  return () => output;
}

/** Settings of {@link waitForOutput}. */
interface WaitOptions {
  /** Gives up the wait. */
  signal?: AbortSignal;
  /** Returns the message of the error for a server that does not start. */
  describe: (reason: string, output: string) => string;
}

/** Waits until the output of a server matches a pattern. Resolves with the groups of the match. */
export function waitForOutput(
  child: ChildProcess,
  pattern: RegExp,
  { signal, describe }: WaitOptions,
): Promise<string[]> {
  const output = collectOutput(child);
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => settle(() => reject(new Error(describe(reason, output()))));
    const late = setTimeout(() => fail(`not ready after ${START / 1_000} s`), START);
    const look = (): void => {
      const found = pattern.exec(output());
      if (found) settle(() => resolve(found.slice(1)));
    };
    const settle = (outcome: () => void): void => {
      clearTimeout(late);
      child.stdout?.off("data", look);
      outcome();
    };
    signal?.addEventListener("abort", () => settle(() => reject(signal.reason)), { once: true });
    child.stdout?.on("data", look);
    child.on("error", (error) => fail(error.message));
    child.on("exit", () => fail("the process exited"));
  });
}

/**
 * Stops a process, and kills it if it does not exit.
 *
 * @param ask - asks the process to exit. Default: SIGTERM.
 */
export async function stopProcess(child: ChildProcess, ask = () => void child.kill("SIGTERM")): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  ask();
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP);
  await exited;
  clearTimeout(impatience);
}
