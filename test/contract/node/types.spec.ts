import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { main } from "../../../packages/cli/src/main.ts";
import { compile, compilers } from "../../cli/compile.ts";
import { version } from "../differences.ts";
import { appUrl } from "../place.ts";

vi.setConfig({ testTimeout: 300_000 });

/** Writes the types of an app. Returns what the command line writes to stderr, if it fails. */
async function typegen(url: string, file: string): Promise<string> {
  const stderr = new PassThrough();
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} };
  const args = ["typegen", url, "-o", file, "--from", "@gradio-rx/node", "--quiet"];
  const code = await main(args, io, new AbortController().signal);
  return code === 0 ? "" : String(stderr.read());
}

// A column of the table of COMPATIBILITY.md: the number of apps whose types compile.
test("types", async ({ task }) => {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const base = await appUrl("varied");
  const apps = (await (await fetch(new URL("/apps", base))).json()) as Record<string, string | null>;
  const served = Object.entries(apps).flatMap(([subject, path]) =>
    path === null ? [] : [{ subject, url: new URL(path, base).href }],
  );
  // The newest version serves all of them, the oldest one at least twenty.
  expect(served.length).toBeGreaterThanOrEqual(20);
  for (const { subject, url } of served) {
    const file = join(dir, `${subject}.ts`);
    expect([subject, await typegen(url, file)]).toEqual([subject, ""]);
    // No text of the app has become code.
    const declared = (await readFile(file, "utf8")).match(/^export (?!interface \w+ \{$).*/gm);
    expect([subject, declared]).toEqual([subject, null]);
  }
  await writeFile(join(dir, "package.json"), JSON.stringify({ type: "module" }));
  const files = served.map(({ subject }) => `${subject}.ts`);
  for (const [name, compiler] of compilers) expect([name, await compile(compiler, dir, files)]).toEqual([name, ""]);
  task.meta.capability = { version, name: "types", can: `${served.length} apps` };
});
