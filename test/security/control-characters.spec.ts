import type { FileData } from "#sdk";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { file, gave, hostileApp } from "./hostile.ts";
import { connect, thrown } from "./secrets.ts";

const evil = "x\u001b[2J\u001b]0;title\u0007\r\nFORGED LINE \u202e";
// oxlint-disable-next-line no-control-regex -- these are the characters that must be gone
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\nFORGED/;

test("an error that quotes a response shows no control characters", async () => {
  const app = await hostileApp({
    trick: ({ url }, response) => url === "/config" && (response.writeHead(500).end(evil), true),
  });
  const error = await thrown(connect(app.url));
  expect(String(error)).toContain("FORGED");
  expect(String(error)).not.toMatch(harmful);
});

test("neither viewApi nor an InputError shows control characters of labels and titles", async () => {
  const component = { id: 1, type: "json", props: { label: evil }, skip_api: false };
  const app = await hostileApp({
    config: { title: evil, components: [component] },
    trick: ({ url }, response) => url.includes("/info") && (response.writeHead(404).end("{}"), true),
  });
  const client = await connect(app.url);
  expect(client.viewApi()).toContain("FORGED");
  expect(client.viewApi()).not.toMatch(harmful);
  for (const error of [await thrown(client.predict("/none")), await thrown(client.predict("/echo", []))])
    expect(String(error)).not.toMatch(harmful);
});

test("a DownloadError that names the file shows no control characters", async () => {
  const app = await hostileApp({
    messages: [gave(file("/tmp/a", { orig_name: evil }))],
    trick: ({ url }, response) => url.includes("/file=") && (response.writeHead(404).end(), true),
  });
  const client = await connect(app.url);
  const error = await thrown(client.download(await client.predict<FileData>("/show"), { dir: tmpdir() }));
  expect(String(error)).toContain("FORGED");
  expect(String(error)).not.toMatch(harmful);
});
