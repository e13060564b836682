import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { appUrl } from "../place.ts";

test("a program runs as long as its calls, and exits by itself after close()", async () => {
  const script = fileURLToPath(new URL("programs/after-silence.ts", import.meta.url));
  const args = ["--conditions=@gradio-rx/source", script, await appUrl()];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
  expect({ stdout, stderr }).toEqual({ stdout: "TimeoutError 1", stderr: "" });
});
