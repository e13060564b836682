import { DownloadError, type FileData } from "#sdk";
import { gzipSync } from "node:zlib";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file, gave, hostileApp } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

/** Compressed, 20 MB become 20 kB. */
const bomb = gzipSync(Buffer.concat([Buffer.from("#EXTM3U\n#"), Buffer.alloc(20_000_000, "a")]));

test.each<[string, string | Buffer, string]>([
  ["a line that is not a URL", "#EXTM3U\nhttp://[\n#EXT-X-ENDLIST\n", "not an http(s) address"],
  ["a line with a script", "#EXTM3U\njavascript:alert(1)\n#EXT-X-ENDLIST\n", "not an http(s) address"],
  ["a page", "<html>nothing here</html>", "#EXTM3U"],
  ["more bytes than limits.body", bomb, "1000000 bytes"],
])("a playlist with %s is a DownloadError that says so", async (_, playlist, reason) => {
  const app = await hostileApp({
    messages: [gave(file("p.m3u8", { url: "/gradio_api/stream/a/playlist.m3u8", is_stream: true }))],
    trick: ({ url }, response) => {
      if (!url.endsWith(".m3u8")) return false;
      if (typeof playlist !== "string") response.setHeader("content-encoding", "gzip");
      response.end(playlist);
      return true;
    },
  });
  const client = await connect(app.url, { limits: { body: 1_000_000 } });
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const error = await thrown(client.download(await client.predict<FileData>("/show"), { dir }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toContain(reason);
  expect(await readdir(dir)).toEqual([]);
});
