import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../house/sources.ts";
import { makeProject } from "./project.ts";
import { node } from "./run.ts";
import { freePort } from "../servers/free-port.ts";
import { startScript } from "../servers/script.ts";

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
  await startScript(join(folder, "app.py"), port);
  const { code, stdout, stderr } = await node("hello.mjs", [], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe("Hello A\nHello Ad\nHello Ada\nHello Grace\n");
}, 300_000);
