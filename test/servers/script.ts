import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/**
 * Starts a script that launches an app of real Gradio, for one test. Resolves when the app accepts requests.
 *
 * @param script - path of the script.
 * @param port - port for a `launch` that names none.
 */
export async function startScript(script: string, port: number): Promise<void> {
  const env = {
    ...process.env,
    GRADIO_SERVER_PORT: String(port),
    GRADIO_ANALYTICS_ENABLED: "False",
    HF_HUB_OFFLINE: "1",
    NO_PROXY: "127.0.0.1,localhost",
    PYTHONUNBUFFERED: "1",
  };
  const child = spawn(process.env["GRADIO_PYTHON"]!, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      if (output.includes("Running on")) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("exit", () => reject(new Error(`The app ended:\n${output}`)));
  });
}
