import { Client, type FileInput, handleFile, InputError, type NodeConnectOptions, UploadError } from "#sdk";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { picture, sound } from "../media.ts";
import { appUrl, connect, errorOf } from "../place.ts";

const folder = async () => await mkdtemp(join(tmpdir(), "gradio-rx-"));

async function connectWith(localFiles: NodeConnectOptions["localFiles"]) {
  const client = await Client.connect(await appUrl(), { localFiles });
  onTestFinished(() => client.close());
  return client;
}

test("handleFile sends a local file under its name", async () => {
  const path = join(await folder(), "spéech (1).wav");
  await writeFile(path, "RIFF");
  const client = await connect();
  expect(await client.predict("/file_info", { file: handleFile(path) })).toMatchObject({
    name: "spéech (1).wav",
    size: 4,
  });
  const missing = await errorOf(client.predict("/file_info", [handleFile("/nowhere/at/all.wav")]));
  expect(missing).toBeInstanceOf(UploadError);
  expect(missing).toMatchObject({ endpoint: "/file_info", message: expect.stringMatching(/all\.wav.*ENOENT/) });
});

test("with localFiles a plain path in a file parameter is uploaded; in any other parameter it is a string", async () => {
  const dir = await folder();
  await writeFile(join(dir, "audio_file.wav"), "RIFF1");
  const client = await connectWith(true);
  const path = join(dir, "audio_file.wav");
  expect(await client.predict("/file_info", [path])).toMatchObject({ name: "audio_file.wav", size: 5 });
  expect(await client.predict("/files_info", [[path]])).toMatchObject([{ size: 5 }]);
  expect(await client.predict("/echo", [path])).toBe(path);
});

test("a plain path is uploaded to an audio app only if the caller allows it", async () => {
  const dir = await folder();
  await writeFile(join(dir, "audio_file.wav"), await sound("audio_file.wav", 4_000).bytes());
  const url = await appUrl("audio");
  const client = await Client.connect(url, { localFiles: dir });
  onTestFinished(() => client.close());
  expect(await client.predict("/predict", ["audio_file.wav"])).toBe("0.500 s");
  const careful = await Client.connect(url);
  onTestFinished(() => careful.close());
  const error = await errorOf(careful.predict("/predict", ["audio_file.wav"]));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/audio.*\/predict.*audio_file\.wav.*handleFile.*localFiles/);
});

test("paths are uploaded deep in a parameter, too: galleries, multimodal texts, editors; texts stay texts", async () => {
  const dir = await folder();
  await writeFile(join(dir, "a.png"), await picture().bytes());
  const client = await Client.connect(await appUrl("components"), { localFiles: dir });
  onTestFinished(() => client.close());
  const seen = async (endpoint: string, value: unknown) =>
    (await client.predict<[unknown, { value: unknown }]>(endpoint, [value]))[1].value;
  const file = { name: "a.png", size: 74 };
  expect(await seen("/gallery", ["a.png", { image: "a.png", caption: "a.png" }])).toMatchObject([
    [file, null],
    [file, "a.png"],
  ]);
  expect(await seen("/multimodal", { text: "a.png", files: ["a.png"] })).toMatchObject({
    text: "a.png",
    files: [file],
  });
  const editor = { background: "a.png", layers: [], composite: "a.png" };
  expect(await seen("/image_editor", editor)).toMatchObject({ background: { name: "a.png" }, layers: [] });
  expect(await seen("/json", { path: "a.png" })).toEqual({ path: "a.png" });
  const careful = await Client.connect(await appUrl("components"));
  onTestFinished(() => careful.close());
  for (const [endpoint, value] of [
    ["/gallery", ["a.png"]],
    ["/multimodal", { text: "", files: ["a.png"] }],
    ["/image_editor", editor],
  ] as const)
    expect(await errorOf(careful.predict(endpoint, [value]))).toBeInstanceOf(InputError);
});

test("a Buffer, a Readable and a file stream of Node are uploaded; the file stream keeps its name", async () => {
  const path = join(await folder(), "on disk.bin");
  await writeFile(path, Buffer.alloc(200_000, 1));
  const client = await connect();
  expect(await client.predict("/file_info", [Buffer.from("abc")])).toMatchObject({ size: 3, head: "616263" });
  expect(await client.predict("/file_info", [Readable.from([Buffer.from("ab"), "c"])])).toMatchObject({ size: 3 });
  expect(await client.predict("/file_info", [createReadStream(path)])).toMatchObject({
    name: "on disk.bin",
    size: 200_000,
  });
  const gone = createReadStream(join(path, "nowhere"));
  const error = await errorOf(client.predict("/file_info", { file: gone }));
  expect(error).toBeInstanceOf(UploadError);
  expect(error.message).toContain("for file");
});

test("files outside the folder of localFiles are not read: neither by dots, nor by an absolute path, nor by a link", async () => {
  const [dir, outside] = [await folder(), await folder()];
  await writeFile(join(dir, "inside.txt"), "in");
  await writeFile(join(outside, "secret.txt"), "out");
  await symlink(join(outside, "secret.txt"), join(dir, "link.txt"));
  const client = await connectWith(dir);
  expect(await client.predict("/file_info", ["inside.txt"])).toMatchObject({ name: "inside.txt", size: 2 });
  for (const path of ["../secret.txt", join(outside, "secret.txt"), "link.txt", "", "."])
    expect(await errorOf(client.predict("/file_info", [path])), path).toBeInstanceOf(InputError);
});

test("download writes into the given folder and reports progress", async () => {
  const client = await Client.connect(await appUrl());
  onTestFinished(() => client.close());
  const file = await client.predict<Parameters<typeof client.download>[0]>("/file_make", ["../../up.txt", 500_000]);
  const dir = join(await folder(), "new");
  let last = 0;
  const path = await client.download(file, { dir, onProgress: ({ received }) => (last = received) });
  expect(path).toBe(join(dir, "up.txt"));
  expect(last).toBe(500_000);
  expect((await readFile(path)).length).toBe(500_000);
  expect(await readdir(dir)).toEqual(["up.txt"]);
});

test("a function for localFiles makes the files of strings, at any depth; what it throws fails the call", async () => {
  const localFiles = (text: string): FileInput => {
    if (text === "a.txt") return new File(["bytes"], "a.txt");
    throw new InputError(`There is no ${text}.`);
  };
  const client = await connectWith(localFiles);
  expect(await client.predict("/file_info", ["a.txt"])).toMatchObject({ name: "a.txt", size: 5 });
  expect(await client.predict("/files_info", [["a.txt"]])).toMatchObject([{ name: "a.txt", size: 5 }]);
  await expect(client.predict("/file_info", ["b.txt"])).rejects.toThrow("There is no b.txt.");
});
