import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { serveEmbedded } from "./embedded.ts";

/** The app that the demo calls. */
export interface RunningApp {
  url: string;
  /** Name and version, for output: `Gradio 6.31.0`. */
  name: string;
  stop(): Promise<void>;
}

const START = 120_000;
const STOP = 3_000;

/** Starts the equivalent of app.py in this process. */
export async function startEmbedded(): Promise<RunningApp> {
  const app = await serveEmbedded();
  return { url: app.url, name: "the embedded app server", stop: () => app.close() };
}

/**
 * Starts app.py with real Gradio.
 *
 * @param signal - gives the start up.
 * @throws with a sentence for a person where it does not start.
 */
export async function startGradio(signal: AbortSignal): Promise<RunningApp> {
  const python = process.env["GRADIO_PYTHON"];
  if (python === undefined || python === "") throw new Error("GRADIO_PYTHON does not name a Python with gradio");
  const child = spawn(python, [fileURLToPath(new URL("app.py", import.meta.url))], { stdio: "pipe" });
  try {
    const { url, version } = await ready(child, signal);
    return { url, name: `Gradio ${version}`, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Resolves with the URL of the app when it is ready. */
function ready(child: ChildProcess, signal: AbortSignal): Promise<{ url: string; version: string }> {
  return new Promise((resolve, reject) => {
    let said = "";
    let complaints = "";
    const late = setTimeout(() => reject(new Error(`not ready after ${START / 1_000} s`)), START);
    const settle = (outcome: () => void): void => {
      clearTimeout(late);
      outcome();
    };
    signal.addEventListener("abort", () => settle(() => reject(signal.reason)), { once: true });
    child.stderr?.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [, url, version] = /^ready (\S+) (\S+)$/m.exec(said) ?? [];
      if (url !== undefined && version !== undefined) settle(() => resolve({ url, version }));
    });
    child.on("error", (error) => settle(() => reject(error)));
    child.on("exit", () => settle(() => reject(new Error(lastLine(complaints) ?? "the process exited"))));
  });
}

/** Returns the last line of a Python traceback, which contains the error. */
function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1)?.trim() || undefined;
}

/** Stops the app: closes its standard input, and kills it if it does not exit. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.on("error", () => undefined); // The process may have exited already.
  child.stdin?.end();
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP);
  await exited;
  clearTimeout(impatience);
}
