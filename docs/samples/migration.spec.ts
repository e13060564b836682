import { readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { migrateFiles } from "../../packages/cli/src/migrate/migrate.ts";
import { main } from "../../packages/cli/src/main.ts";
import { startApp } from "./app.ts";

const folder = new URL(".", import.meta.url).pathname;

test("migrating: the program before becomes the program after, with the output that the page shows", async () => {
  const app = await startApp();
  onTestFinished(() => app.close());
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const args = ["migrate", `${folder}migration-before.ts`, "--app", app.url];
  const code = await main(args, { stdin, stdout, stderr, env: {} }, new AbortController().signal);
  stdout.end();
  stderr.end();
  const shown = (printed: string): string =>
    printed.replaceAll(folder.slice(1), "src/").replaceAll("migration-before", "call-app");
  await expect(shown(`${await text(stdout)}${await text(stderr)}`)).toMatchFileSnapshot("migration.diff");
  expect(code).toBe(0);
  const outputs = new Map(["greet", "measure", "write"].map((name) => [name, 1]));
  const settings = { target: "@gradio-rx/client", outputs } as const;
  const [migrated] = await migrateFiles([`${folder}migration-before.ts`], settings);
  expect(migrated?.after).toBe(await readFile(`${folder}migration-after.ts`, "utf8"));
});

test("migrating: the program after calls the app", async () => {
  const { callApp } = await import("./migration-after.ts");
  const app = await startApp();
  onTestFinished(() => app.close());
  const lines: unknown[] = [];
  await callApp(app.url, (line) => lines.push(line));
  expect(lines.filter((line) => line !== "writing")).toEqual([
    "Hello Ada",
    [{ words: 2 }],
    "A story about",
    "A story about cats",
  ]);
  expect(lines).toContain("writing");
});
