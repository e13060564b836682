import { AuthenticationError, Client, DownloadError, type FileData, FileTooLargeError, UploadError } from "#sdk";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { type Fault, faulty } from "../../servers/faulty.ts";
import { appUrl, errorOf } from "../place.ts";

const retry = { minDelay: 5, maxDelay: 20 };
const folder = async () => await mkdtemp(join(tmpdir(), "gradio-rx-"));

/** A client whose requests to some path go wrong. */
async function connectFaulty(path: string, strike: (before: number) => Fault | undefined, options: object = {}) {
  const way = await faulty(await appUrl(), ({ line, before }) => (line.includes(path) ? strike(before) : undefined));
  onTestFinished(() => way.stop());
  const client = await Client.connect(way.url, { retry, ...options });
  onTestFinished(() => client.close());
  return { client, seen: () => way.seen.filter((line) => line.includes(path)) };
}

const once =
  (fault: Fault) =>
  (before: number): Fault | undefined =>
    before === 0 ? fault : undefined;

const passing: [string, Fault][] = [
  ["the connection is reset", { kind: "reset" }],
  ["the reply is cut", { kind: "cut", after: 3 }],
  ["the server says 503", { kind: "answer", status: 503 }],
  ["the server says 500", { kind: "answer", status: 500 }],
];

test.each(passing)("an upload is sent again when %s, and the call is right", async (_, fault) => {
  const { client, seen } = await connectFaulty("/upload", once(fault));
  const bytes = new Uint8Array(300_000).fill(7);
  expect(await client.predict("/file_info", [new File([bytes], "seven.bin")])).toMatchObject({
    name: "seven.bin",
    size: 300_000,
  });
  expect(seen()).toHaveLength(2);
});

test.each(passing)(
  "a stream cannot be sent again: when %s it is an UploadError, and nothing is submitted",
  async (_, fault) => {
    const { client, seen } = await connectFaulty("/upload", once(fault));
    const error = await errorOf(client.predict("/file_info", [Readable.from([Buffer.from("once")])]));
    expect(error).toBeInstanceOf(UploadError);
    expect(error.message).toContain("for file");
    expect(seen()).toHaveLength(1);
    expect(await client.predict("/file_info", [Readable.from([Buffer.from("once")])])).toMatchObject({ size: 4 });
  },
);

test.each<[string, Fault, unknown]>([
  ["401", { kind: "answer", status: 401 }, AuthenticationError],
  ["413", { kind: "answer", status: 413, body: "File size exceeded" }, FileTooLargeError],
  ["500", { kind: "answer", status: 500 }, UploadError],
  ["a page", { kind: "answer", status: 200, body: "<html>" }, UploadError],
  ["no path", { kind: "answer", status: 200, body: "[]" }, UploadError],
  ["nothing", { kind: "reset" }, UploadError],
])("an upload that is always answered by %s fails with its class, and the client goes on", async (_, fault, Class) => {
  const way = await faulty(await appUrl(), ({ line }) => (/upload|join/.test(line) && strikes ? fault : undefined));
  let strikes = true;
  onTestFinished(() => way.stop());
  const client = await Client.connect(way.url, { retry });
  onTestFinished(() => client.close());
  const error = await errorOf(client.predict("/file_info", [new File(["x"], "x.txt")]));
  expect(error).toBeInstanceOf(Class);
  expect(error.message).not.toContain("[object");
  expect(way.seen.filter((line) => line.includes("join"))).toEqual([]);
  strikes = false;
  expect(await client.predict("/file_info", [new File(["x"], "x.txt")])).toMatchObject({ size: 1 });
});

const SIZE = 400_000;

test.each([...passing, ["the body is cut", { kind: "cut", after: 150_000 }] satisfies [string, Fault]])(
  "a download comes whole when once %s",
  async (_, fault) => {
    const { client } = await connectFaulty("/file=", once(fault));
    const file = await client.predict<FileData>("/file_make", ["whole.bin", SIZE]);
    const dir = await folder();
    const steps: number[] = [];
    const path = await client.download(file, { dir, onProgress: ({ received }) => steps.push(received) });
    expect((await readFile(path, "latin1")) === "x".repeat(SIZE)).toBe(true);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(await readdir(dir)).toEqual(["whole.bin"]);
  },
);

test("a download that was cut goes on where it ended, with a range that has no end", async () => {
  const { client, seen } = await connectFaulty("/file=", once({ kind: "cut", after: 150_000 }));
  const file = await client.predict<FileData>("/file_make", ["rest.bin", SIZE]);
  await client.download(file, { dir: await folder() });
  expect(seen()).toHaveLength(2);
  expect(seen()[1]).toMatch(/ bytes=[1-9]\d*-$/);
});

test.each<[string, Fault, unknown]>([
  ["cut", { kind: "cut", after: 0 }, DownloadError],
  ["reset", { kind: "reset" }, DownloadError],
  ["404", { kind: "answer", status: 404 }, DownloadError],
  ["500", { kind: "answer", status: 500 }, DownloadError],
  ["401", { kind: "answer", status: 401 }, AuthenticationError],
])("a download that is always answered by %s is a typed error, and leaves nothing behind", async (_, fault, Class) => {
  const { client } = await connectFaulty("/file=", () => fault);
  const file = await client.predict<FileData>("/file_make", ["never.bin", SIZE]);
  const dir = await folder();
  const error = await errorOf(client.download(file, { dir }));
  expect(error).toBeInstanceOf(Class);
  expect(await readdir(dir)).toEqual([]);
});

test("a file that changes while it is read is a DownloadError, never a mixture", async () => {
  const { client } = await connectFaulty("/file=", (before) =>
    before === 0
      ? { kind: "cut", after: 5 }
      : { kind: "answer", status: 206, headers: { etag: '"another"' }, body: "rest!" },
  );
  const file = await client.predict<FileData>("/file_make", ["mixed.bin", 10]);
  const dir = await folder();
  const error = await errorOf(client.download(file, { dir }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(await readdir(dir)).toEqual([]);
});

test("with downloadFiles, outputs lie on this machine before they are told, in their order", async () => {
  const dir = await folder();
  const { client, seen } = await connectFaulty("/file=", once({ kind: "answer", status: 503 }), { downloadFiles: dir });
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
  // Each was refused once, and fetched once.
  expect(seen()).toHaveLength(6);
  const gallery = await client.predict<{ image: FileData }[]>("/gallery", [1]);
  expect((await readFile(gallery[0]!.image.localPath!)).subarray(1, 4).toString()).toBe("PNG");
  expect(await client.predict("/file_info", [gallery[0]!.image])).toMatchObject({ size: expect.any(Number) });
});

test("with downloadFiles, a file that does not come fails the job: one DownloadError, one terminal status", async () => {
  const dir = await folder();
  const { client } = await connectFaulty("/file=", () => ({ kind: "answer", status: 404 }), { downloadFiles: dir });
  const job = client.submit("/file_make", ["gone.txt", 5]);
  const error = await errorOf(job.result());
  expect(error).toBeInstanceOf(DownloadError);
  expect(error).toMatchObject({ endpoint: "/file_make" });
  expect(job.outputs()).toEqual([]);
  expect(job.status()).toMatchObject({ stage: "error", success: false });
  expect(await readdir(dir)).toEqual([]);
  expect(await client.predict("/echo", ["on"])).toBe("on");
});

test("a job whose last file does not come can be cancelled, and has its time limit", async () => {
  const dir = await folder();
  const way = await faulty(await appUrl(), () => undefined);
  onTestFinished(() => way.stop());
  let asked = (): void => undefined;
  const waits = new Promise<void>((resolve) => (asked = resolve));
  const hanging = (request: Request): Promise<Response> => {
    if (!request.url.includes("/file=")) return fetch(request);
    asked();
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  };
  const client = await Client.connect(way.url, { downloadFiles: dir, fetch: hanging });
  onTestFinished(() => client.close());
  const job = client.submit("/file_make", ["slow.txt", 5]);
  await waits;
  expect(await job.cancel()).toBe(true);
  expect(job.status().stage).toBe("cancelled");
  const late = await errorOf(client.predict("/file_make", ["late.txt", 5], { timeout: 300 }));
  expect(late).toMatchObject({ code: "timeout", kind: "call" });
  expect(await readdir(dir)).toEqual([]);
});
