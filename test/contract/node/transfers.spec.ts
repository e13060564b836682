import { AuthenticationError, Client, DownloadError, type FileData, FileTooLargeError, UploadError } from "#sdk";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { type Fault, faultProxy, type Rule } from "@gradio-rx/testing";
import { appUrl, errorOf } from "../place.ts";

const retry = { minDelay: 5, maxDelay: 20 };
const folder = async () => await mkdtemp(join(tmpdir(), "gradio-rx-"));

/** Connects through a fault proxy with rules for some paths. */
async function connectFaulty(rules: Rule[], options: object = {}) {
  const proxy = await faultProxy(await appUrl());
  onTestFinished(() => proxy.close());
  proxy.add(...rules);
  const client = await Client.connect(proxy.url, { retry, ...options });
  onTestFinished(() => client.close());
  return { client, proxy };
}

const uploads = "/upload";
const files = "/file=**";

const reset: Fault = { breaks: { at: "request", how: "reset" } };
const cut = (byte: number): Fault => ({ breaks: { at: { byte }, how: "close" } });
const answer = (status: number, body?: unknown): Fault => ({ answer: { status, body } });

const passing: [string, Fault][] = [
  ["the connection is reset", reset],
  ["the reply is cut", cut(3)],
  ["the server says 503", answer(503)],
  ["the server says 500", answer(500)],
];

test.each(passing)("an upload is repeated when %s, and the call succeeds", async (_, fault) => {
  const { client, proxy } = await connectFaulty([{ path: uploads, fault }]);
  const bytes = new Uint8Array(300_000).fill(7);
  expect(await client.predict("/file_info", [new File([bytes], "seven.bin")])).toMatchObject({
    name: "seven.bin",
    size: 300_000,
  });
  expect(proxy.count("POST", uploads)).toBe(2);
});

test.each(passing)(
  "a stream cannot be sent again: when %s it is an UploadError, and nothing is submitted",
  async (_, fault) => {
    const { client, proxy } = await connectFaulty([{ path: uploads, fault }]);
    const error = await errorOf(client.predict("/file_info", [Readable.from([Buffer.from("once")])]));
    expect(error).toBeInstanceOf(UploadError);
    expect(error.message).toContain("for file");
    expect(proxy.count("POST", uploads)).toBe(1);
    expect(await client.predict("/file_info", [Readable.from([Buffer.from("once")])])).toMatchObject({ size: 4 });
  },
);

test.each<[string, Fault, unknown]>([
  ["401", answer(401), AuthenticationError],
  ["413", answer(413, "File size exceeded"), FileTooLargeError],
  ["500", answer(500), UploadError],
  ["a page", answer(200, "<html>"), UploadError],
  ["no path", answer(200, []), UploadError],
  ["nothing", reset, UploadError],
])(
  "an upload that is always answered by %s fails with its error class, and the client still works",
  async (_, fault, Class) => {
    const { client, proxy } = await connectFaulty([{ path: uploads, times: "always", fault }]);
    const error = await errorOf(client.predict("/file_info", [new File(["x"], "x.txt")]));
    expect(error).toBeInstanceOf(Class);
    expect(error.message).not.toContain("[object");
    expect(proxy.count("POST", "/queue/join")).toBe(0);
    proxy.clear();
    expect(await client.predict("/file_info", [new File(["x"], "x.txt")])).toMatchObject({ size: 1 });
  },
);

const SIZE = 400_000;

test.each([...passing, ["the body is cut", cut(150_000)] satisfies [string, Fault]])(
  "a download is complete when once %s",
  async (_, fault) => {
    const { client } = await connectFaulty([{ path: files, fault }]);
    const file = await client.predict<FileData>("/file_make", ["whole.bin", SIZE]);
    const dir = await folder();
    const steps: number[] = [];
    const path = await client.download(file, { dir, onProgress: ({ received }) => steps.push(received) });
    expect((await readFile(path, "latin1")) === "x".repeat(SIZE)).toBe(true);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(await readdir(dir)).toEqual(["whole.bin"]);
  },
);

test("a download that was interrupted continues with an open-ended range", async () => {
  const { client, proxy } = await connectFaulty([{ path: files, fault: cut(150_000) }]);
  const file = await client.predict<FileData>("/file_make", ["rest.bin", SIZE]);
  await client.download(file, { dir: await folder() });
  const ranges = proxy.requests.filter(({ path }) => path.includes("/file=")).map(({ headers }) => headers["range"]);
  expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
});

test.each<[string, Fault, unknown]>([
  ["cut", cut(0), DownloadError],
  ["reset", reset, DownloadError],
  ["404", answer(404), DownloadError],
  ["500", answer(500), DownloadError],
  ["401", answer(401), AuthenticationError],
])("a download that is always answered by %s is a typed error, and leaves no file behind", async (_, fault, Class) => {
  const { client } = await connectFaulty([{ path: files, times: "always", fault }]);
  const file = await client.predict<FileData>("/file_make", ["never.bin", SIZE]);
  const dir = await folder();
  const error = await errorOf(client.download(file, { dir }));
  expect(error).toBeInstanceOf(Class);
  expect(await readdir(dir)).toEqual([]);
});

test("a file that changes during a download is a DownloadError, not a mixture of both versions", async () => {
  const rest: Fault = { answer: { status: 206, headers: { etag: '"another"' }, body: "rest!" } };
  const { client } = await connectFaulty([
    { path: files, fault: cut(5) },
    { path: files, nth: 2, times: "always", fault: rest },
  ]);
  const file = await client.predict<FileData>("/file_make", ["mixed.bin", 10]);
  const dir = await folder();
  const error = await errorOf(client.download(file, { dir }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(await readdir(dir)).toEqual([]);
});

test("with downloadFiles, the files of outputs are on disk before the outputs are emitted, in order", async () => {
  const dir = await folder();
  const { client, proxy } = await connectFaulty([{ path: files, times: 3, fault: answer(503) }], {
    downloadFiles: dir,
  });
  const job = client.submit<FileData[]>("/files_make", [3]);
  const order: string[] = [];
  for await (const event of job) {
    if (event.type === "status") order.push(event.stage);
    if (event.type !== "data") continue;
    const texts = await Promise.all(event.data.map(({ localPath }) => readFile(localPath!, "utf8")));
    order.push(texts.join(" "));
  }
  expect(order.slice(-2)).toEqual(["x xx xxx", "complete"]);
  expect((await job.result())[1]!.localPath).toContain(dir);
  expect(await readdir(dir)).toHaveLength(3);
  // Three were refused and three fetched.
  expect(proxy.count("GET", files)).toBe(6);
  const gallery = await client.predict<{ image: FileData }[]>("/gallery", [1]);
  expect((await readFile(gallery[0]!.image.localPath!)).subarray(1, 4).toString()).toBe("PNG");
  expect(await client.predict("/file_info", [gallery[0]!.image])).toMatchObject({ size: expect.any(Number) });
});

test("with downloadFiles, a file that cannot be downloaded fails the job: one DownloadError, one terminal status", async () => {
  const dir = await folder();
  const gone: Rule = { path: files, times: "always", fault: answer(404) };
  const { client } = await connectFaulty([gone], { downloadFiles: dir });
  const job = client.submit("/file_make", ["gone.txt", 5]);
  const error = await errorOf(job.result());
  expect(error).toBeInstanceOf(DownloadError);
  expect(error).toMatchObject({ endpoint: "/file_make" });
  expect(job.outputs()).toEqual([]);
  expect(job.status()).toMatchObject({ stage: "error", success: false });
  expect(await readdir(dir)).toEqual([]);
  expect(await client.predict("/echo", ["on"])).toBe("on");
});

test("a job that waits for its last file can be cancelled, and its time limit applies", async () => {
  const dir = await folder();
  let asked = (): void => undefined;
  const waits = new Promise<void>((resolve) => (asked = resolve));
  const hanging = (request: Request): Promise<Response> => {
    if (!request.url.includes("/file=")) return fetch(request);
    asked();
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  };
  const { client } = await connectFaulty([], { downloadFiles: dir, fetch: hanging });
  const job = client.submit("/file_make", ["slow.txt", 5]);
  await waits;
  expect(await job.cancel()).toBe(true);
  expect(job.status().stage).toBe("cancelled");
  const late = await errorOf(client.predict("/file_make", ["late.txt", 5], { timeout: 300 }));
  expect(late).toMatchObject({ code: "timeout", kind: "call" });
  expect(await readdir(dir)).toEqual([]);
});
