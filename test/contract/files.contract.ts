import { type Client, DownloadError, type FileData, handleFile, InputError } from "#sdk";
import { expect, test } from "vitest";
import { appUrl, connect, errorOf, platform } from "./place.ts";

/** What `download` brings, on either platform. */
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

test("a file that a call gives has an absolute address, made from the one the user gave, and can be downloaded", async () => {
  const client = await connect({ headers: { "x-forwarded-host": "internal.invalid" } });
  const file = await client.predict<FileData>("/file_make", ["made hä (1).txt", 12]);
  expect(file).toMatchObject({ path: expect.any(String), size: 12, isStream: false });
  expect(file.url.startsWith(`${await appUrl()}/gradio_api/file=`)).toBe(true);
  const { text, name } = await content(client, file);
  expect(text).toBe("x".repeat(12));
  expect(name).toBe(platform === "node" ? "made hä (1).txt" : null);
  expect((await content(client, file.url)).text).toBe("x".repeat(12));
});

test("files in lists are files, too", async () => {
  const client = await connect();
  const files = await client.predict<FileData[]>("/files_make", [2]);
  expect(files.map(({ size }) => size)).toEqual([1, 2]);
  expect((await content(client, files[1]!)).text).toBe("xx");
  const gallery = await client.predict<{ image: FileData; caption: string }[]>("/gallery", [1]);
  expect(gallery).toMatchObject([{ caption: "picture 0", image: { url: expect.stringContaining("http") } }]);
});

test("a file of one call goes into the next as it is", async () => {
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

test("handleFile gives a Blob its name and type, and passes addresses on", async () => {
  const client = await connect();
  const handle = handleFile(new Blob(["abc"]), { name: '../odd "name".txt', mimeType: "text/x-odd" });
  expect(await client.predict("/file_info", [handle])).toMatchObject({ size: 3 });
  const echoed = await client.predict<FileData>("/file_echo", [
    handleFile(new Blob(["abc"]), { name: "n.csv", mimeType: "text/csv" }),
  ]);
  expect(echoed.origName).toBe("n.csv");
});

test("a string is a file for no parameter, but an address is passed on; the sentence says how to write it", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/file_info", ["audio_file.wav"]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("handleFile");
  expect(await errorOf(client.predict("/files_info", [["a.wav"]]))).toBeInstanceOf(InputError);
  expect(await client.predict("/echo", ["/etc/passwd"])).toBe("/etc/passwd");
});

test("a file that is not there is a DownloadError that names it", async () => {
  const client = await connect();
  const error = await errorOf(content(client, `${await appUrl()}/gradio_api/file=/nowhere/missing.txt`));
  expect(error).toBeInstanceOf(DownloadError);
  expect(error.message).toContain("missing.txt");
});
