import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../place.ts";

const MiB = 1024 * 1024;
const SIZE = 300 * MiB;

// Streams and `fetch` allocate their own chunks, which are collected from 64 MiB on.
test.each([
  ["file", 64],
  ["stream", 128],
])(
  "uploading a large %s takes at most %i MiB of memory, and downloading it at most 128",
  async (how, most) => {
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
    const { size, sent, fetched } = JSON.parse(stdout) as Record<"size" | "sent" | "fetched", number>;
    expect(size).toBe(SIZE);
    expect(sent / MiB).toBeLessThan(most);
    expect(fetched / MiB).toBeLessThan(128);
    expect((await readdir(into)).toSorted()).toEqual(["large.bin", "warm"]);
    expect((await stat(join(into, "large.bin"))).size).toBe(SIZE);
  },
  120_000,
);
