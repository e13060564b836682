import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** An app of real Gradio. */
export interface GradioApp extends AsyncDisposable {
  url: string;
}

/**
 * Starts an app of real Gradio on a free port of 127.0.0.1.
 *
 * @param blocks - Python statements that define `demo`; `gr` is imported.
 * @throws Error with the output of the app where it does not start.
 */
export async function startGradio(blocks: string): Promise<GradioApp> {
  const source = `import gradio as gr\n${blocks}\n_, url, _ = demo.launch(prevent_thread_lock=True, quiet=True)\nprint(url, flush=True)\ndemo.block_thread()\n`;
  const python = process.env["GRADIO_PYTHON"] ?? "python3";
  const env = { ...process.env, GRADIO_ANALYTICS_ENABLED: "False", HF_HUB_OFFLINE: "1" };
  const child = spawn(python, ["-c", source], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  for await (const line of createInterface(child.stdout))
    if (line.startsWith("http")) return { url: line.trim(), [Symbol.asyncDispose]: stop };
  throw new Error(`The app did not start: ${said}`);
}
