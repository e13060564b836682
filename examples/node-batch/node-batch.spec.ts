import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../../demo/app.ts";
import { describePictures } from "./batch.ts";
import { makePictures } from "./pictures.ts";
import { startRedis } from "./redis.ts";

test("each picture is recorded once with its colour, although one of three workers is killed", async () => {
  const [first, second, redis] = await Promise.all([startEmbedded(), startEmbedded(), startRedis()]);
  const folder = await mkdtemp(join(tmpdir(), "node-batch-spec-"));
  onTestFinished(async () => {
    await Promise.all([first.stop(), second.stop(), redis.stop(), rm(folder, { recursive: true })]);
  });
  const killed: number[] = [];
  const pictures = await makePictures(folder, 40);
  expect(new Set(pictures.map(({ colour }) => colour)).size).toBe(40);
  let last = 0;
  const counted = await describePictures({
    pictures,
    folder,
    apps: [first.url, second.url],
    redis: redis.url,
    workers: 3,
    onProgress: ({ succeeded }) => (last = succeeded),
    onKilled: (pid) => killed.push(pid),
    nodeOptions: ["--conditions=@gradio-rx/source"],
  });
  expect(counted).toMatchObject({ records: 40, keys: 40, wrong: 0 });
  expect([...counted.copies.keys()].toSorted()).toEqual([first.url, second.url].toSorted());
  expect(killed).toHaveLength(1);
  expect(last).toBe(40);
});
