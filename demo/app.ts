import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stopProcess, waitForOutput } from "./child.ts";
import { serveEmbedded } from "./embedded.ts";

/** The app that the demo calls. */
export interface RunningApp {
  url: string;
  /** Name and version, for output: `Gradio 6.31.0`. */
  name: string;
  stop(): Promise<void>;
}

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
    const [url = "", version = ""] = await waitForOutput(child, /^ready (\S+) (\S+)$/m, {
      signal,
      describe: (reason, output) => lastLine(output) ?? reason,
    });
    return { url, name: `Gradio ${version}`, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Returns the last line of a Python traceback, which contains the error. */
function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1)?.trim() || undefined;
}

/** Stops the app: closes its standard input. */
async function stop(child: ChildProcess): Promise<void> {
  await stopProcess(child, () => {
    child.stdin?.on("error", () => undefined); // The process may have exited already.
    child.stdin?.end();
  });
}
