import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { stopProcess, waitForOutput } from "../../demo/child.ts";

/**
 * Starts a script that launches an app of real Gradio, for one test. Resolves when the app accepts requests.
 *
 * @param script - path of the script.
 * @param port - port for a `launch` that names none.
 * @param variables - further environment variables.
 * @returns a function that kills the app before the end of the test.
 */
export async function startScript(
  script: string,
  port: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const env = {
    ...process.env,
    GRADIO_SERVER_PORT: String(port),
    GRADIO_ANALYTICS_ENABLED: "False",
    HF_HUB_OFFLINE: "1",
    NO_PROXY: "127.0.0.1,localhost",
    PYTHONUNBUFFERED: "1",
    ...variables,
  };
  const child = spawn(process.env["GRADIO_PYTHON"]!, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): Promise<void> => stopProcess(child, () => void child.kill("SIGKILL"));
  onTestFinished(stop);
  await waitForOutput(child, /Running on/, {
    describe: (reason, output) => `The app did not start: ${reason}\n${output}`,
  });
  return stop;
}
