import { Client } from "@gradio-rx/node";
import { AppFailure, endpoint, file, json, serveApp } from "@gradio-rx/testing";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../../demo/app.ts";
import { measureFolder, type Row } from "./map.ts";
import { run } from "./run.ts";

/** Makes a folder with text files, which is deleted at the end of the test. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "node-map-spec-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "in"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, "in", name), text);
  return folder;
}

test("a folder of files becomes a file of results in the order of the names, and each file counts in the progress", async () => {
  const app = await startEmbedded();
  onTestFinished(() => app.stop());
  const client = await Client.connect(app.url);
  onTestFinished(() => client.close());
  const folder = await folderOf({ "b.txt": "one two\nthree\n", "a.txt": "four\n", "c.md": "left out" });
  const seen: string[] = [];
  const output = join(folder, "results.json");
  const rows = await measureFolder(client, join(folder, "in"), output, (done, total) =>
    seen.push(`${done} of ${total}`),
  );
  expect(rows).toEqual([
    { file: "a.txt", lines: 1, words: 1 },
    { file: "b.txt", lines: 2, words: 3 },
  ]);
  expect(JSON.parse(await readFile(output, "utf8"))).toEqual(rows);
  expect(seen).toEqual(["1 of 2", "2 of 2"]);
});

test("a file that the app refuses has its error in the results, and the others are measured", async () => {
  const measure = endpoint({
    inputs: [file("path")],
    outputs: [json("counts")],
    fn: async (given: File) => {
      const text = await given.text();
      if (text === "") throw new AppFailure("The file is empty.");
      return { lines: 1, words: text.split(" ").length };
    },
  });
  const app = await serveApp({ "/measure": measure });
  const client = await Client.connect(app.url);
  onTestFinished(async () => {
    await client.close();
    await app.close();
  });
  const folder = await folderOf({ "empty.txt": "", "full.txt": "a b c" });
  const rows: Row[] = await measureFolder(client, join(folder, "in"), join(folder, "out.json"), () => undefined);
  expect(rows[0]).toMatchObject({ file: "empty.txt", error: expect.stringContaining("The file is empty.") as string });
  expect(rows[1]).toEqual({ file: "full.txt", lines: 1, words: 3 });
});

test("the example measures its four files", async () => {
  const app = await startEmbedded();
  onTestFinished(() => app.stop());
  const lines: string[] = [];
  await run(app.url, (line) => void lines.push(line), startEmbedded);
  expect(lines).toContain("summer.txt  3 lines, 13 words");
  expect(lines.filter((line) => line.includes(" words"))).toHaveLength(4);
});
