import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../house/sources.ts";
import { makeProject } from "./project.ts";
import { node } from "./run.ts";
import { freePort } from "../servers/free-port.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** Returns the first code block of a language in the README. */
function firstBlock(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(readme)![1]!;
}

test("the first app and the first program of the README run as they stand, but for the port", async () => {
  const folder = join(await makeProject(), "start");
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  writeFileSync(join(folder, "app.py"), firstBlock("python"));
  writeFileSync(join(folder, "hello.mjs"), firstBlock("ts").replace("7860", String(port)));
  await startApp(folder, port);
  const { code, stdout, stderr } = await node("hello.mjs", [], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe("Hello A\nHello Ad\nHello Ada\nHello Grace\n");
}, 300_000);

/** Starts the app for one test; resolves when it accepts requests. */
async function startApp(folder: string, port: number): Promise<void> {
  const env = {
    ...process.env,
    GRADIO_SERVER_PORT: String(port),
    GRADIO_ANALYTICS_ENABLED: "False",
    HF_HUB_OFFLINE: "1",
    NO_PROXY: "127.0.0.1,localhost",
    PYTHONUNBUFFERED: "1",
  };
  const child = spawn(process.env["GRADIO_PYTHON"]!, ["app.py"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(async () => {
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
