import { DownloadError, type FileData, TimeoutError, UploadError } from "#sdk";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file, gave, hostileApp, otherServer, type Trick } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

/** Never answers requests of a path, or begins an answer and sends nothing more. */
const silent =
  (path: string, beginning?: string): Trick =>
  ({ url }, response) => {
    if (!url.replace("/gradio_api", "").startsWith(path)) return false;
    if (beginning !== undefined) {
      response.writeHead(200, path === "/file=" ? { "content-length": 100 } : {});
      response.write(beginning);
    }
    return true;
  };

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "gradio-rx-"));
const idle = { idleTimeout: 300 };

test.each([
  ["never answered", undefined],
  ["answered by half an answer", "["],
])("an upload that is %s fails with UploadError after idleTimeout, in a call and outside", async (_, beginning) => {
  const app = await hostileApp({ trick: silent("/upload", beginning) });
  const client = await connect(app.url);
  for (const outcome of [
    client.predict("/take", [new Blob(["x"])], idle),
    client.upload([new Blob(["x"])], idle),
    client.upload([new Blob(["x"]).stream()], idle),
  ]) {
    const error = await thrown(outcome);
    expect(error).toBeInstanceOf(UploadError);
    expect((error as UploadError).cause).toBeInstanceOf(TimeoutError);
    expect((error as UploadError).cause).toMatchObject({ kind: "idle" });
  }
});

test("an upload through a caller's fetch that is never answered ends, too", async () => {
  const app = await hostileApp({ trick: silent("/upload") });
  const client = await connect(app.url, { fetch: (request) => fetch(request) });
  expect(await thrown(client.upload([new Blob(["x"])], idle))).toBeInstanceOf(UploadError);
});

test.each([
  ["never begins", undefined],
  ["stops after its beginning", "x"],
])("a download that %s fails with DownloadError after idleTimeout", async (_, beginning) => {
  const app = await hostileApp({ trick: silent("/file=", beginning), messages: [gave(file("/tmp/a"))] });
  const client = await connect(app.url);
  const shown = await client.predict<FileData>("/show");
  const error = await thrown(client.download(shown, { dir: await folder(), ...idle }));
  expect(error).toBeInstanceOf(DownloadError);
  expect((error as DownloadError).cause).toMatchObject({ code: "timeout", kind: "idle" });
});

test("a media stream that gets no new part ends after idleTimeout", async () => {
  for (const playlist of ["#EXTM3U\n", "#EXTM3U\n/part.ts\n"]) {
    const app = await hostileApp({
      messages: [gave(file("p.m3u8", { url: "/gradio_api/stream/a/playlist.m3u8", is_stream: true }))],
      trick: ({ url }, response) => {
        if (!url.endsWith(".m3u8") && url !== "/part.ts") return false;
        response.end(playlist);
        return true;
      },
    });
    const client = await connect(app.url);
    const shown = await client.predict<FileData>("/show");
    const error = await thrown(client.download(shown, { dir: await folder(), idleTimeout: 500 }));
    expect(error).toBeInstanceOf(DownloadError);
  }
});

test("with downloadFiles, files of other hosts are not requested, also not through a redirect, unless hosts has them", async () => {
  const other = await otherServer();
  const { host } = new URL(other.url);
  const direct = await hostileApp({ messages: [gave(file(`${other.url}/by-path`))] });
  const moved = await hostileApp({
    messages: [gave(file("/tmp/a"))],
    trick: ({ url }, response) =>
      url.includes("/file=") && (response.writeHead(302, { location: `${other.url}/by-redirect` }).end(), true),
  });
  for (const app of [direct, moved]) {
    const client = await connect(app.url, { downloadFiles: await folder() });
    expect(await thrown(client.predict("/show"))).toBeInstanceOf(DownloadError);
    expect(other.seen).toEqual([]);
  }
  for (const app of [direct, moved]) {
    const client = await connect(app.url, { downloadFiles: { dir: await folder(), hosts: [host] } });
    expect((await client.predict<FileData>("/show")).localPath).toBeTypeOf("string");
  }
  expect(other.seen.map(({ url }) => url)).toEqual(["/by-path", "/by-redirect"]);
});

test("with downloadFiles, an output of more files or bytes than the limits allow is a DownloadError", async () => {
  const files = Array.from({ length: 4 }, (_, index) => file(`/tmp/${index}.txt`));
  const app = await hostileApp({ messages: [gave(files)] });
  const dir = await folder();
  const read = async (limits: { maxFiles?: number; maxBytes?: number }): Promise<unknown> => {
    const client = await connect(app.url, { downloadFiles: { dir, ...limits } });
    return await thrown(client.predict("/show"));
  };
  const before = app.of("/file=").length;
  expect(await read({ maxFiles: 3 })).toMatchObject({
    code: "download",
    message: expect.stringMatching("4 files") as string,
  });
  expect(app.of("/file=")).toHaveLength(before);
  expect(await read({ maxBytes: 20 })).toMatchObject({
    code: "download",
    message: expect.stringMatching("20 bytes") as string,
  });
  expect(await read({ maxFiles: 4, maxBytes: 28 })).toBeUndefined();
});

test("downloadFiles with a field that does not exist, or with a value of another type, is an InputError", async () => {
  const app = await hostileApp();
  for (const downloadFiles of [{ folder: "x" }, { hosts: "x" }, { maxFiles: 0 }, { dir: "" }, 5, ""])
    expect(await thrown(connect(app.url, { downloadFiles: downloadFiles as never }))).toMatchObject({ code: "input" });
  expect(app.seen).toEqual([]);
});
