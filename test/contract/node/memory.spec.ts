import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../place.ts";

const SIZE = 300 * 1024 * 1024;
const MOST = 64 * 1024 * 1024;

test.each(["file", "stream"])("a large %s is sent and fetched with flat memory", async (how) => {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, "large.bin");
  const file = await open(path, "w");
  await file.truncate(SIZE);
  await file.close();
  const script = fileURLToPath(new URL("programs/send-and-fetch.ts", import.meta.url));
  const into = join(dir, "fetched");
  const args = ["--conditions=@gradio-rx/source", script, await appUrl(), path, into, how];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 });
  const { size, grown } = JSON.parse(stdout) as { size: number; grown: number };
  expect(size).toBe(SIZE);
  expect(grown).toBeLessThan(MOST);
  expect((await readdir(into)).sort()).toEqual(["large.bin", "warm"]);
  expect((await stat(join(into, "large.bin"))).size).toBe(SIZE);
}, 120_000);
