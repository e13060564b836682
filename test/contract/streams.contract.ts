import type { Client, FileData } from "#sdk";
import { expect, test } from "vitest";
import { holds } from "./differences.ts";
import { connect, errorOf, platform } from "./place.ts";

/** URL of the app; versions that do not stream media lack the endpoint. */
const none = holds("media is not streamed");
async function expectNone(client: Client): Promise<void> {
  expect((await errorOf(client.predict("/audio_stream", [1, 0]))).message).toContain("no endpoint");
}

/** `download` of either platform. */
async function download(
  client: Client,
  file: FileData,
  options: { onProgress: (progress: { received: number; total: number | null }) => void; signal?: AbortSignal },
): Promise<Blob | string> {
  return await (client as unknown as { download(...given: unknown[]): Promise<Blob | string> }).download(file, options);
}

/** Returns the bytes of a download on either platform, and their name or type. */
async function read(got: Blob | string): Promise<{ bytes: Uint8Array; what: string }> {
  if (got instanceof Blob) return { bytes: new Uint8Array(await got.arrayBuffer()), what: got.type };
  const { readFile, rm } = await import("node:fs/promises");
  const bytes = new Uint8Array(await readFile(got));
  await rm(got);
  return { bytes, what: got.split(".").at(-1)! };
}

test("streamed audio can be read while it is generated: its first bytes arrive before the end of the job", async () => {
  const client = await connect();
  if (none) return await expectNone(client);
  const job = client.submit<FileData>("/audio_stream", [6, 0.6]);
  const order: string[] = [];
  const counts: number[] = [];
  let whole: Promise<Blob | string> | undefined;
  for await (const event of job) {
    if (event.type === "status" && event.success !== null) order.push(event.stage);
    if (event.type !== "data" || whole) continue;
    expect(event.data).toMatchObject({ isStream: true, url: expect.stringMatching(/^http.*playlist\.m3u8$/) });
    const onProgress = ({ received, total }: { received: number; total: number | null }): void => {
      expect([total, received > 0]).toEqual([null, true]);
      order.push("bytes");
      counts.push(received);
    };
    whole = download(client, event.data, { onProgress });
  }
  const { bytes, what } = await read(await whole!);
  expect(order[0]).toBe("bytes");
  expect(order).toContain("complete");
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBe(bytes.length);
  // Every AAC frame begins with twelve set bits.
  expect([bytes[0], bytes[1]! >> 4]).toEqual([0xff, 0xf]);
  expect(what).toBe(platform === "node" ? "aac" : "audio/aac");
  expect(await job.result()).toMatchObject({ isStream: true });
});

test("the media stream of a cancelled job contains what was generated before", async () => {
  const client = await connect();
  if (none) return await expectNone(client);
  const job = client.submit<FileData>("/audio_stream", [200, 0.3]);
  const { value } = await job.values().next();
  const whole = download(client, value as FileData, { onProgress: () => void job.cancel() });
  const { bytes } = await read(await whole);
  expect(bytes.length).toBeGreaterThan(0);
  expect(job.status().stage).toBe("cancelled");
});

test("reading a stream ends with the caller's reason, or with the client", async () => {
  const client = await connect();
  if (none) return await expectNone(client);
  const job = client.submit<FileData>("/audio_stream", [200, 0.3]);
  const { value } = await job.values().next();
  const reason = new Error("enough");
  const abort = new AbortController();
  const onProgress = (): void => abort.abort(reason);
  await expect(download(client, value as FileData, { onProgress, signal: abort.signal })).rejects.toBe(reason);
  const left = download(client, value as FileData, { onProgress: () => void client.close() });
  await expect(left).rejects.toMatchObject({ code: "cancelled" });
});
