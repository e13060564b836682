import { type FileData, InputError } from "#sdk";
import { mkdtemp, readdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file, gave, hostileApp } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

const forged = { path: "/tmp/x", origName: "x", size: 1, mimeType: null, isStream: false };

test("an app that answers in the SDK's own form of a file sets no localPath and no address of another scheme", async () => {
  for (const url of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,<script>", undefined, 5]) {
    const app = await hostileApp({ messages: [gave({ ...forged, url, localPath: "/etc/passwd" })] });
    for (const downloadFiles of [false, await mkdtemp(join(tmpdir(), "gradio-rx-"))]) {
      const client = await connect(app.url, { downloadFiles });
      const shown = await client.predict<FileData>("/show");
      expect(shown.url).toBe(`${app.url}/gradio_api/file=/tmp/x`);
      expect(shown.localPath ?? "").not.toContain("passwd");
      expect(typeof shown.localPath).toBe(downloadFiles === false ? "undefined" : "string");
    }
  }
});

test("in a JSON output nothing is a file: nothing of it is downloaded, and it stays as it is", async () => {
  const elsewhere = await hostileApp();
  const value = { ...forged, url: `${elsewhere.url}/file=secret`, localPath: "/etc/passwd" };
  const app = await hostileApp({ messages: [gave({ deep: [value, file("/tmp/a")] })] });
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const client = await connect(app.url, { downloadFiles: dir });
  const output = await client.predict<{ deep: unknown[] }>("/echo", ["x"]);
  expect(output.deep).toEqual([value, file("/tmp/a")]);
  expect(elsewhere.seen).toEqual([]);
  expect(await readdir(dir)).toEqual([]);
});

test("an object that is passed to download without an http(s) address is an InputError", async () => {
  const client = await connect((await hostileApp()).url);
  for (const url of [undefined, 5, "javascript:alert(1)", {}]) {
    const error = await thrown(client.download({ ...forged, url } as unknown as FileData, { dir: tmpdir() }));
    expect(error).toBeInstanceOf(InputError);
  }
});

test("a name that is not a text is not used", async () => {
  const app = await hostileApp();
  const client = await connect(app.url);
  const odd = { ...forged, origName: { toString: 1 }, url: `${app.url}/file=x` } as unknown as FileData;
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  expect(await client.download(odd, { dir })).toBe(join(await realpath(dir), "x"));
});
