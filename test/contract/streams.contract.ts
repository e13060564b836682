import type { Client, FileData } from "#sdk";
import { expect, test } from "vitest";
import { connect, platform } from "./place.ts";

type Downloads = {
  download(
    file: FileData,
    options: { onProgress: (progress: { received: number; total: number | null }) => void },
  ): Promise<Blob | string>;
};

/** The bytes that `download` brought, on either platform, and their name or type. */
async function read(got: Blob | string): Promise<{ bytes: Uint8Array; what: string }> {
  if (got instanceof Blob) return { bytes: new Uint8Array(await got.arrayBuffer()), what: got.type };
  const { readFile, rm } = await import("node:fs/promises");
  const bytes = new Uint8Array(await readFile(got));
  await rm(got);
  return { bytes, what: got.split(".").at(-1)! };
}

test("a sound that is streamed can be read while it is made: its first bytes come before the job's end", async () => {
  const client = await connect();
  const job = client.submit<FileData>("/audio_stream", [4, 0.6]);
  const order: string[] = [];
  let whole: Promise<Blob | string> | undefined;
  for await (const event of job) {
    if (event.type === "status" && event.success !== null) order.push(event.stage);
    if (event.type !== "data" || whole) continue;
    expect(event.data).toMatchObject({ isStream: true, url: expect.stringMatching(/^http.*playlist\.m3u8$/) });
    const onProgress = ({ received, total }: { received: number; total: number | null }): void => {
      expect([total, received > 0]).toEqual([null, true]);
      order.push("bytes");
    };
    whole = (client as Client & Downloads).download(event.data, { onProgress });
  }
  const { bytes, what } = await read(await whole!);
  expect(order[0]).toBe("bytes");
  expect(order).toContain("complete");
  expect(order.filter((one) => one === "bytes").length).toBeGreaterThanOrEqual(4);
  // Every piece of AAC begins with twelve set bits.
  expect([bytes[0], bytes[1]! >> 4]).toEqual([0xff, 0xf]);
  expect(what).toBe(platform === "node" ? "aac" : "audio/aac");
  expect(await job.result()).toMatchObject({ isStream: true });
});

test("a stream whose app ends it early is what there was of it; one that is given up ends with the caller's reason", async () => {
  const client = await connect();
  const job = client.submit<FileData>("/audio_stream", [200, 0.3]);
  const { value } = await job.values().next();
  const file = value as FileData;
  const reason = new Error("enough");
  const abort = new AbortController();
  const given = (client as unknown as { download(file: FileData, options: object): Promise<unknown> }).download(file, {
    signal: abort.signal,
    onProgress: () => abort.abort(reason),
  });
  await expect(given).rejects.toBe(reason);
  await job.cancel();
});
