import { Client, handleFile, InputError } from "#sdk";
import { mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { appUrl, connect, errorOf } from "../place.ts";

const folder = async () => await mkdtemp(join(tmpdir(), "gradio-rx-"));

async function connectWith(localFiles: boolean | string) {
  const client = await Client.connect(await appUrl(), { localFiles });
  onTestFinished(() => client.close());
  return client;
}

test("a file of this machine is sent by handleFile, under its name", async () => {
  const path = join(await folder(), "spéech (1).wav");
  await writeFile(path, "RIFF");
  const client = await connect();
  expect(await client.predict("/file_info", { file: handleFile(path) })).toMatchObject({
    name: "spéech (1).wav",
    size: 4,
  });
  const missing = await errorOf(client.predict("/file_info", [handleFile("/nowhere/at/all.wav")]));
  expect(missing).toBeInstanceOf(InputError);
});

test("with localFiles, a plain path that is given to a file parameter is sent; to any other it is a string", async () => {
  const dir = await folder();
  await writeFile(join(dir, "audio_file.wav"), "RIFF1");
  const client = await connectWith(true);
  const path = join(dir, "audio_file.wav");
  expect(await client.predict("/file_info", [path])).toMatchObject({ name: "audio_file.wav", size: 5 });
  expect(await client.predict("/files_info", [[path]])).toMatchObject([{ size: 5 }]);
  expect(await client.predict("/echo", [path])).toBe(path);
});

test("a folder for localFiles is not left: neither by dots, nor by an absolute path, nor by a link", async () => {
  const [dir, outside] = [await folder(), await folder()];
  await writeFile(join(dir, "inside.txt"), "in");
  await writeFile(join(outside, "secret.txt"), "out");
  await symlink(join(outside, "secret.txt"), join(dir, "link.txt"));
  const client = await connectWith(dir);
  expect(await client.predict("/file_info", ["inside.txt"])).toMatchObject({ name: "inside.txt", size: 2 });
  for (const path of ["../secret.txt", join(outside, "secret.txt"), "link.txt", "", "."])
    expect(await errorOf(client.predict("/file_info", [path])), path).toBeInstanceOf(InputError);
});

test("download writes into the folder it is given, and tells progress", async () => {
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
