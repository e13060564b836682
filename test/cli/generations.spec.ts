import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { appUrl } from "../contract/place.ts";
import { compile, compilers } from "./compile.ts";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 120_000 });

test("the types of an app of this version of Gradio compile, and hold programs to them", async () => {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const written = await run(["typegen", await appUrl(), "-o", join(dir, "api.ts"), "--from", "@gradio-rx/node"]);
  expect(written).toMatchObject({ code: 0, stdout: "" });
  const program = `
import type { Client, FileData, OutputOf } from "@gradio-rx/node";
import type { Api } from "./api.ts";
declare const client: Client<Api>;
export const file: FileData = await client.predict("/file_make", ["a.txt", 3]);
export const [text, number]: OutputOf<Api, "/two"> = await client.predict("/two", ["a", 1]);
await client.predict("/file_info", [new Blob(["a"])]);
// @ts-expect-error a number is required
await client.predict("/two", ["a", "b"]);
// @ts-expect-error data is required
await client.predict("/two");
`;
  await writeFile(join(dir, "program.ts"), program);
  await writeFile(join(dir, "package.json"), JSON.stringify({ type: "module" }));
  for (const [name, compiler] of compilers)
    expect([name, await compile(compiler, dir, ["api.ts", "program.ts"])]).toEqual([name, ""]);
});
