import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { partsOf, recorded } from "../../demo/recordings/readme.ts";
import { Stage } from "../../demo/recordings/stage.ts";
import { buildProgram } from "../../packages/cli/src/program.ts";

vi.setConfig({ testTimeout: 300_000 });

const page = async (name: string): Promise<string> =>
  await readFile(new URL(`../../packages/cli/${name}`, import.meta.url), "utf8");

/** Commands of this program in a page: in blocks of code, and in inline code. */
function commandsIn(text: string): string[][] {
  const written = text.matchAll(/(?:^| |`|\(|")gradio-rx ((?:[a-z]+)(?: [^`|>;)\n]+)?)/gm);
  return [...written].map(([, words]) =>
    // A word may have quoted parts.
    [...words!.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;)&])+/g)].map(([word]) => word.replaceAll(/['"]/g, "")),
  );
}

/** Parses a command without running it. Returns what is wrong with it; `""` if nothing is. */
async function wrong(words: readonly string[]): Promise<string> {
  const { stdin, stdout, stderr, env } = process;
  const program = buildProgram({
    io: { stdin, stdout, stderr, env },
    signal: AbortSignal.abort(),
    onExit: () => undefined,
  });
  for (const command of program.commands) command.action(() => undefined);
  try {
    await program.parseAsync([...words], { from: "user" });
    return "";
  } catch (error) {
    return String(error);
  }
}

test("the README shows what its commands print on real Gradio", async () => {
  // The suite of the consumers runs npx, which needs packed packages.
  const readme = (await page("README.md")).replace(/```console\n\$ mkdir empty[^]*?```\n/, "");
  const stage = await Stage.open();
  onTestFinished(() => stage.close());
  expect(await recorded(readme, async (command, app) => (await stage.run(command, app)).text)).toBe(readme);
});

test("the README has a recording of each command", async () => {
  const commands = partsOf(await page("README.md")).flatMap((part) => (typeof part === "string" ? [] : part.commands));
  const program = buildProgram({ io: process, signal: AbortSignal.abort(), onExit: () => undefined });
  for (const command of program.commands) expect(commands.join("\n")).toContain(`gradio-rx ${command.name()} `);
});

test.each(["README.md", "terminal.svg"])("all commands and options in %s exist", async (name) => {
  const commands = commandsIn(await page(name));
  expect(commands.length).toBeGreaterThan(0);
  for (const words of commands) expect([words, await wrong(words)]).toEqual([words, ""]);
});
