import {
  type Client,
  DownloadError,
  type FileData,
  type FileInput,
  FileTooLargeError,
  GradioError,
  handleFile,
  InputError,
  UploadError,
  type UploadProgress,
} from "#sdk";
import { expect, test } from "vitest";
import { called, cleaned, holds, prefix } from "./differences.ts";
import { appUrl, connect, errorOf, place, platform } from "./place.ts";

/** Result of `download` on either platform. */
async function content(client: Client, file: FileData | string): Promise<{ text: string; name: string | null }> {
  const got: unknown = await (client as Client & { download(file: FileData | string): Promise<unknown> }).download(
    file,
  );
  if (got instanceof Blob) return { text: await got.text(), name: null };
  const { readFile, rm } = await import("node:fs/promises");
  const text = await readFile(got as string, "utf8");
  await rm(got as string);
  return { text, name: (got as string).split("/").at(-1)! };
}

test("a file in an output has an absolute URL, based on the one the user gave, and can be downloaded", async () => {
  const client = await connect({ headers: { "x-forwarded-host": "internal.invalid" } });
  const file = await client.predict<FileData>("/file_make", ["made hä (1).txt", 12]);
  expect(file).toMatchObject({ path: expect.any(String), size: 12, isStream: false });
  expect(file.url.startsWith(`${await appUrl()}${prefix}/file=`)).toBe(true);
  const { text, name } = await content(client, file);
  expect(text).toBe("x".repeat(12));
  expect(name).toBe(platform === "node" ? "made hä (1).txt" : null);
  expect((await content(client, file.url)).text).toBe("x".repeat(12));
});

test("a text that is sent compressed arrives complete", async () => {
  const client = await connect();
  const file = await client.predict<FileData>("/file_make", ["long.txt", 5_000]);
  expect((await content(client, file)).text).toBe("x".repeat(5_000));
});

test("files in lists are resolved, too", async () => {
  const client = await connect();
  const files = await client.predict<FileData[]>("/files_make", [2]);
  expect(files.map(({ size }) => size)).toEqual([1, 2]);
  expect((await content(client, files[1]!)).text).toBe("xx");
  const gallery = client.predict<{ image: FileData; caption: string }[]>("/gallery", [1]);
  const image = { url: expect.stringContaining("http") };
  if (holds("gallery items are pairs of a file and its caption"))
    expect(await gallery).toMatchObject([[image, "picture 0"]]);
  else expect(await gallery).toMatchObject([{ caption: "picture 0", image }]);
});

test("a file of one call can be passed to the next call unchanged", async () => {
  const client = await connect();
  const file = await client.predict<FileData>("/file_make", ["first.txt", 3]);
  expect(await client.predict("/file_info", [file])).toMatchObject({ name: "first.txt", size: 3 });
});

test("files can be uploaded for later calls, with progress", async () => {
  const client = await connect();
  const seen: number[] = [];
  const [text, bytes] = await client.upload(
    [new File(["hello"], "hello.txt", { type: "text/plain" }), new Uint8Array(3)],
    {
      onProgress: ({ sent, file }) => file === "hello.txt" && seen.push(sent),
    },
  );
  expect(text).toMatchObject({ origName: "hello.txt", size: 5, mimeType: "text/plain" });
  expect(bytes).toMatchObject({ size: 3 });
  expect(seen.at(-1)).toBe(5);
  expect(await client.predict("/files_info", [[text, bytes]])).toMatchObject([
    { name: "hello.txt", size: 5 },
    { size: 3 },
  ]);
  expect((await content(client, text!)).text).toBe("hello");
});

test("handleFile gives a Blob a name and type, and passes URLs on", async () => {
  const client = await connect();
  const handle = handleFile(new Blob(["abc"]), { name: '../odd "name".txt', mimeType: "text/x-odd" });
  expect(await client.predict("/file_info", [handle])).toMatchObject({ size: 3 });
  const echoed = await client.predict<FileData>("/file_echo", [
    handleFile(new Blob(["abc"]), { name: "n.csv", mimeType: "text/csv" }),
  ]);
  expect(echoed.origName).toBe("n.csv");
});

test("a string is not a file for any parameter, but a URL is passed on; the error says how to pass a file", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/file_info", ["audio_file.wav"]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("handleFile");
  expect(await errorOf(client.predict("/files_info", [["a.wav"]]))).toBeInstanceOf(InputError);
  expect(await client.predict("/echo", ["/etc/passwd"])).toBe("/etc/passwd");
});

test("a missing file is a DownloadError that names it", async () => {
  const client = await connect();
  const error = await errorOf(content(client, `${await appUrl()}${prefix}/file=/nowhere/missing.txt`));
  expect(error).toBeInstanceOf(DownloadError);
  expect(error.message).toContain("missing.txt");
});

test.each([
  "accénts and blanks.txt",
  "br[ack]ets (1).txt",
  "it's 100% #1 & more+.txt",
  "%41%20.txt",
  "日本語.txt",
  "no ending",
  ".hidden",
])("a file name arrives unchanged: %s", async (name) => {
  const client = await connect();
  const file = new File(["abc"], name);
  const kept = cleaned(name);
  expect(await client.predict("/file_info", [file])).toMatchObject({ name: kept, size: 3, head: "616263" });
  const echoed = await client.predict<FileData>("/file_echo", [file]);
  expect(echoed.origName).toBe(kept);
  const hidden = name.startsWith(".") && holds("files with names that begin with a dot are not served");
  if (hidden) expect(await errorOf(content(client, echoed))).toBeInstanceOf(DownloadError);
  else expect((await content(client, echoed)).text).toBe("abc");
});

const bytes = new TextEncoder().encode("some bytes");

/** The same bytes in two pieces. */
function pieces(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, 4));
      controller.enqueue(bytes.slice(4));
      controller.close();
    },
  });
}

test.each<[string, () => FileInput]>([
  ["a Blob", () => new Blob([bytes])],
  ["a File", () => new File([bytes], "f.bin")],
  ["a File of another library", () => foreignFile(bytes)],
  ["an ArrayBuffer", () => bytes.slice().buffer],
  ["a typed array", () => bytes],
  ["a view of more", () => new Uint8Array([0, ...bytes, 0]).subarray(1, 11)],
  ["a DataView", () => new DataView(bytes.slice().buffer)],
  ["a stream", () => pieces()],
  [
    "a generator",
    async function* () {
      yield bytes.slice(0, 4);
      yield bytes.slice(4);
    } as () => FileInput,
  ],
  ["a stream with a name", () => handleFile(pieces(), { name: "named.bin" })],
])("%s is a file", async (_, make) => {
  const client = await connect();
  expect(await client.predict("/file_info", [make()])).toMatchObject({ size: 10, head: "736f6d65206279746573" });
  const [uploaded] = await client.upload([make()]);
  expect(uploaded).toMatchObject({ size: 10 });
  expect((await content(client, uploaded!)).text).toBe("some bytes");
});

/** A File of another library or realm, which is not an instance of the platform's class. */
function foreignFile(from: Uint8Array<ArrayBuffer>): Blob {
  const blob = new Blob([from]);
  const made = { size: blob.size, type: "", name: "foreign.bin", arrayBuffer: () => blob.arrayBuffer() };
  return Object.assign(made, { stream: () => blob.stream(), [Symbol.toStringTag]: "File" }) as unknown as Blob;
}

test("a file is fitted to its parameter, or refused before anything is sent", async () => {
  let requests = 0;
  const client = await connect({ fetch: (request) => (requests++, fetch(request)) });
  const file = new File(["abc"], "a.txt");
  expect(await client.predict("/files_info", [file])).toMatchObject([{ size: 3 }]);
  const files = { 0: file, 1: new File(["b"], "b.txt"), length: 2, [Symbol.toStringTag]: "FileList" };
  expect(await client.predict("/files_info", [files])).toMatchObject([{ size: 3 }, { size: 1 }]);
  requests = 0;
  const wrong: [endpoint: string, value: unknown][] = [
    ["/file_info", [file]],
    ["/file_info", files],
    ["/file_info", 5],
    ["/echo", file],
    ["/echo", new Uint8Array(3)],
    ["/echo", { deep: [file] }],
  ];
  for (const [endpoint, value] of wrong) {
    const error = await errorOf(client.predict(endpoint, [value]));
    expect(error, endpoint).toBeInstanceOf(InputError);
    expect(error.message).toContain(`${called(endpoint === "/echo" ? "text" : "file")} of ${endpoint}`);
  }
  expect(requests).toBe(0);
});

test("a file keeps its type, whatever its name is", async () => {
  const client = await connect();
  const [typed, none] = await client.upload([new File(["x"], "x", { type: "image/x-odd" }), new Blob(["x"])]);
  expect([typed!.mimeType, none!.mimeType]).toEqual(["image/x-odd", null]);
});

test("progress never falls and ends at the size; for a stream the size is known at its end", async () => {
  const client = await connect();
  const seen: UploadProgress[] = [];
  const onUploadProgress = (progress: UploadProgress): void => void seen.push(progress);
  const big = new File([new Uint8Array(900_000)], "big.bin");
  await client.predict("/files_info", [[big, new File(["small"], "small.bin")]], { onUploadProgress });
  const of = (name: string) => seen.filter(({ file }) => file === name);
  expect(of("big.bin").every(({ total }) => total === 900_000)).toBe(true);
  const sent = of("big.bin").map((one) => one.sent);
  expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  expect(sent.at(-1)).toBe(900_000);
  expect(of("small.bin").at(-1)).toEqual({ sent: 5, total: 5, file: "small.bin" });
  seen.length = 0;
  await client.predict("/file_info", [handleFile(pieces(), { name: "stream.bin" })], { onUploadProgress });
  expect(seen.at(-1)).toEqual({ sent: 10, total: 10, file: "stream.bin" });
});

test("a stream can be sent once; sending it again is an InputError, and nothing is submitted", async () => {
  const client = await connect();
  const stream = pieces();
  expect(await client.predict("/file_info", [stream])).toMatchObject({ size: 10 });
  const error = await errorOf(client.predict("/file_info", [stream]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("read before");
});

test("a stream that fails, or yields something other than bytes, fails the upload and not the client", async () => {
  const client = await connect();
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("the disk is gone"));
    },
  });
  const error = await errorOf(client.predict("/file_info", [broken]));
  expect(error).toBeInstanceOf(UploadError);
  expect(error.message).toContain("file");
  const objects = async function* () {
    yield { not: "bytes" };
  };
  const wrong = await errorOf(client.predict("/file_info", [objects()]));
  expect(wrong).toBeInstanceOf(GradioError);
  expect(await client.predict("/echo", ["on"])).toBe("on");
});

test("the app's limit is checked before anything is sent, and while a stream is sent", async () => {
  const client = await connect({}, "odd");
  if (holds("files can have any size")) {
    expect(await client.predict("/file_info", [new Blob(["x".repeat(1_001)])])).toMatchObject({ size: 1_001 });
    return;
  }
  const blob = await errorOf(client.predict("/file_info", [new Blob(["x".repeat(1_001)])]));
  expect(blob).toBeInstanceOf(FileTooLargeError);
  const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(100)) });
  const endless = await errorOf(client.predict("/file_info", [stream]));
  expect(endless).toBeInstanceOf(FileTooLargeError);
  expect(await client.predict("/file_info", [new Blob(["x".repeat(900)])])).toMatchObject({ size: 900 });
});

test("strings in place of files are distinguished from texts at any depth", async () => {
  const client = await connect();
  if (holds("chat messages are pairs")) {
    const pairs = await client.predict("/chat", ["b.png", [["a.png", "c.png"]]]);
    expect(pairs).toEqual([
      ["a.png", "c.png"],
      ["b.png", "you said b.png"],
    ]);
    return;
  }
  if (holds("contents of chat messages are texts")) {
    const messages = await client.predict("/chat", ["b.png", [{ role: "user", content: "a.png" }]]);
    expect(messages).toMatchObject([{ content: "a.png" }, { content: "b.png" }, { content: "you said b.png" }]);
    return;
  }
  const history = [{ role: "user", content: [{ type: "text", text: "a.png" }] }];
  expect(await client.predict("/chat", ["b.png", history])).toMatchObject([
    { content: [{ text: "a.png" }] },
    { content: [{ text: "b.png" }] },
    { role: "assistant" },
  ]);
  const path = [{ role: "user", content: [{ type: "file", file: "a.png" }] }];
  const error = await errorOf(client.predict("/chat", ["look", path]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("handleFile");
  const file = [{ role: "user", content: [{ type: "file", file: new File(["x"], "deep é.txt") }] }];
  expect(await client.predict("/chat", ["look", file])).toMatchObject([
    { content: [{ file: { origName: "deep é.txt", url: expect.stringContaining("deep%20%C3%A9.txt") } }] },
    {},
    {},
  ]);
});

/** The same response with a body that is aborted. */
function cut(response: Response, after: number): Response {
  const reader = response.body!.getReader();
  let left = after;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done || left <= 0) return controller.error(new TypeError("cut"));
      controller.enqueue(value.subarray(0, left));
      left -= value.length;
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

// Real Gradio compresses texts: then there is no size, and the whole file is read again.
test.each(["whole.bin", "whole.txt"])(
  "a download that is interrupted continues and yields the whole file: %s",
  async (name) => {
    const ranges: (string | null)[] = [];
    const client = await connect({
      retry: { minDelay: 1 },
      fetch: async (request) => {
        const response = await fetch(request);
        if (!request.url.includes("/file=")) return response;
        ranges.push(request.headers.get("range"));
        return ranges.length < 3
          ? cut(response, 60_000 * (request.headers.has("range") ? 1 : ranges.length))
          : response;
      },
    });
    const file = await client.predict<FileData>("/file_make", [name, 300_000]);
    const { text } = await content(client, file);
    expect(text === "x".repeat(300_000)).toBe(true);
    expect(ranges).toHaveLength(3);
    const known = name === "whole.bin" || place === "embedded" || holds("responses are not compressed");
    const second = holds("files are sent whole, also for range requests") ? "bytes=60000-" : "bytes=120000-";
    expect(ranges).toEqual(known ? [null, "bytes=60000-", second] : [null, null, null]);
  },
);
