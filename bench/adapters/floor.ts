import { createReadStream, createWriteStream, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Adapter, Connected } from "./adapter.ts";
import { duties } from "./duties.ts";
import { type Minimum, minimum } from "./minimum.ts";

/** The hand-written minimum, with file transfers in Node. */
export const floor: Adapter = { connect: async (url) => withFiles(await minimum(url), url) };

/** The hand-written minimum with the duties of the SDK for each event. */
export const dutiful: Adapter = { connect: async (url) => withFiles(await minimum(url, duties), url) };

function withFiles(app: Minimum, url: string): Connected {
  return { ...app, upload: (path) => upload(app, url, path), download: (folder) => download(app, url, folder) };
}

async function upload(app: Minimum, url: string, path: string): Promise<unknown> {
  const head = `--b\r\ncontent-disposition: form-data; name="files"; filename="large.bin"\r\n\r\n`;
  const tail = "\r\n--b--\r\n";
  const headers = {
    "content-type": "multipart/form-data; boundary=b",
    "content-length": head.length + statSync(path).size + tail.length,
  };
  const paths = await new Promise<string>((resolve, reject) => {
    const sent = request(`${url}/gradio_api/upload`, { method: "POST", headers }, (answer) => {
      answer.setEncoding("utf8").on("data", resolve);
    });
    sent.on("error", reject);
    sent.write(head);
    createReadStream(path)
      .on("end", () => sent.end(tail))
      .pipe(sent, { end: false });
  });
  const [stored] = JSON.parse(paths) as string[];
  return await app.predict("/take", [{ path: stored, meta: { _type: "gradio.FileData" } }]);
}

async function download(app: Minimum, url: string, folder: string): Promise<string> {
  const { path } = (await app.predict("/give", [""])) as { path: string };
  const { body } = await fetch(`${url}/gradio_api/file=${path}`);
  const to = join(folder, "large.bin");
  await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(to));
  return to;
}
