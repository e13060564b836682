import { type FileData, InputError } from "#sdk";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { file, gave, hostileApp, type Recorder } from "./hostile.ts";
import { connect, secrets, thrown } from "./secrets.ts";

let path = "";
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), "gradio-rx-")), "own.txt");
  await writeFile(path, secrets.input);
});

const sent = (app: Recorder): boolean => app.seen.some(({ body }) => body.includes(secrets.input));
const uploads = (app: Recorder): number => app.of("/upload").length;

test("a string is text: neither a path nor a file: URL is read, in any parameter", async () => {
  const app = await hostileApp();
  const client = await connect(app.url);
  for (const text of [path, pathToFileURL(path).href, `file:${path}`, `FILE://${path}`]) {
    expect(await client.predict("/echo", [text])).toBe("fine");
    expect(await thrown(client.predict("/take", [text]))).toBeInstanceOf(InputError);
    expect(await thrown(client.predict("/take", [new URL(pathToFileURL(path))]))).toBeInstanceOf(InputError);
    expect(await thrown(client.upload([text]))).toBeInstanceOf(InputError);
  }
  expect(uploads(app)).toBe(0);
  expect(sent(app)).toBe(false);
});

test("values of an app that a caller passes on do not read local files", async () => {
  const app = await hostileApp({ messages: [gave(file(path, { url: pathToFileURL(path).href, is_stream: true }))] });
  const client = await connect(app.url);
  const shown = await client.predict<FileData>("/show");
  await client.predict("/take", [shown]);
  await thrown(client.predict("/take", [{ path, meta: { _type: "gradio.FileData" } }]));
  await thrown(client.predict("/take", [shown.url]));
  expect(uploads(app)).toBe(0);
  expect(sent(app)).toBe(false);
});

test("a file: URL from the app or from the caller is not downloaded", async () => {
  const app = await hostileApp({ messages: [gave(file(pathToFileURL(path).href))] });
  const client = await connect(app.url);
  const shown = await client.predict<FileData>("/show");
  expect(shown.url.startsWith(app.url)).toBe(true);
  for (const one of [pathToFileURL(path).href, pathToFileURL(path), { ...shown, url: pathToFileURL(path).href }, path])
    expect(await thrown(client.download(one, { dir: tmpdir() }))).toBeInstanceOf(InputError);
});

test("paths are read if the caller opts in, which shows that the other tests are effective", async () => {
  const app = await hostileApp();
  await (await connect(app.url, { localFiles: true })).predict("/take", [path]);
  expect(sent(app)).toBe(true);
});
