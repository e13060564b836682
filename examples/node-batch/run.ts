import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchProgress } from "@gradio-rx/batch";
import type { Example } from "../main.ts";
import { describePictures } from "./batch.ts";
import { makePictures } from "./pictures.ts";
import { startRedis } from "./redis.ts";

const PICTURES = 500;
const WORKERS = 3;
const WIDTH = 30;

/** Draws one bar for all processes, which stays in its line on a terminal. */
function drawBar({ succeeded, failed, running }: BatchProgress): void {
  if (!process.stderr.isTTY) return;
  const ended = succeeded + failed;
  const full = Math.round((ended / PICTURES) * WIDTH);
  const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
  process.stderr.write(`\r\u001b[K${bar} ${ended} of ${PICTURES}, ${running} running`);
}

/** Finds the colours of 500 pictures with two copies of the app and three processes, of which one is killed. */
export const run: Example = async (url, print, startCopy) => {
  const folder = await mkdtemp(join(tmpdir(), "node-batch-"));
  const redis = await startRedis();
  const copy = await startCopy();
  try {
    const pictures = await makePictures(folder, PICTURES);
    print(`${PICTURES} pictures, ${WORKERS} worker processes, and two copies of the app: ${url} and ${copy.url}`);
    const begun = performance.now();
    const { records, keys, wrong, copies } = await describePictures({
      pictures,
      folder,
      apps: [url, copy.url],
      redis: redis.url,
      workers: WORKERS,
      onProgress: drawBar,
      onKilled: (pid, ended) =>
        print(`${process.stderr.isTTY ? "\n" : ""}Worker ${pid} was killed after ${ended} pictures.`),
    });
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    print(
      `\nAfter ${seconds} s there are ${records} records for ${keys} pictures, ${wrong} of them with a wrong colour.`,
    );
    for (const [app, number] of copies) print(`${app} ran ${number} of them.`);
  } finally {
    await copy.stop();
    await redis.stop();
    await rm(folder, { recursive: true });
  }
};
