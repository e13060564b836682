import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runBatch } from "@gradio-rx/batch";
import { InputError } from "@gradio-rx/node";
import { endpoint, file, serveApp } from "@gradio-rx/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { closing, makeFolder, recordsOf, storePath } from "../setup.ts";

vi.setConfig({ testTimeout: 60_000 });

async function shouting() {
  const shout = endpoint({
    inputs: [file("given")],
    outputs: [file("loud")],
    fn: async (given: File) => new File([(await given.text()).toUpperCase()], "loud.txt"),
  });
  const app = await serveApp({ "/shout": shout });
  onTestFinished(() => app.close());
  return { apps: app.url, endpoint: "/shout", store: storePath() };
}

test("a path inside files.from is uploaded, and files of results are saved in files.to before they are recorded", async () => {
  const [from, to] = [makeFolder(), makeFolder()];
  await writeFile(join(from, "a.txt"), "a");
  await writeFile(join(from, "b.txt"), "b");
  const inputs = [[{ $file: "a.txt" }], [{ $file: "b.txt" }]];
  const batch = closing(
    runBatch<{ localPath: string }, Array<{ $file: string }>>({
      ...(await shouting()),
      inputs,
      key: ([one]) => one!.$file,
      files: { from, to },
    }),
  );
  for (const { key, result } of await recordsOf(batch)) {
    expect(result!.localPath.startsWith(to)).toBe(true);
    expect(await readFile(result!.localPath, "utf8")).toBe(key[0]!.toUpperCase());
  }
  expect(await batch.done).toEqual({ succeeded: 2, failed: 0 });
});

test("files.save stores files elsewhere, and the record has its return value", async () => {
  const saved = new Map<string, string>();
  const batch = closing(
    runBatch({
      ...(await shouting()),
      inputs: [[new Blob(["by value"])]],
      key: () => "one",
      files: {
        save: async ({ origName }, { key, open }) => {
          let text = "";
          for await (const chunk of await open()) text += Buffer.from(chunk).toString();
          saved.set(`${key}/${origName}`, text);
          return `bucket:${key}`;
        },
      },
    }),
  );
  expect((await recordsOf(batch)).map(({ result }) => result)).toEqual(["bucket:one"]);
  expect([...saved.values()]).toEqual(["BY VALUE"]);
});

test("a path outside of files.from, and a path without it, are dead letters, and no file is sent", async () => {
  const from = makeFolder();
  const options = await shouting();
  const inputs = [[{ $file: "../../../etc/hostname" }], [{ $file: "missing.txt" }]];
  const batch = closing(runBatch({ ...options, inputs, files: { from } }));
  const errors = (await recordsOf(batch)).map(({ error }) => error);
  expect(errors.every((error) => error instanceof InputError)).toBe(true);
  expect(errors.map((error) => error!.message).join()).toContain('outside of the folder of the option "files.from"');
  const without = closing(runBatch({ ...options, store: storePath(), inputs: [[{ $file: "a.txt" }]] }));
  expect((await recordsOf(without))[0]!.error!.message).toContain('Set the option "files.from"');
});

test("an input with a Blob and without a key rejects done", async () => {
  const batch = closing(runBatch({ ...(await shouting()), inputs: [[new Blob(["x"])]] }));
  await expect(batch.done).rejects.toThrow('needs the option "key"');
});
