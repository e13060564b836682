import type { AppError, FileData, ValidationError } from "#sdk";
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

test("an AppError keeps line breaks, but no other control characters; values and logs are passed on as they are", async () => {
  const app = await hostileApp({
    messages: [
      { msg: "log", event_id: "$ID", level: "info", log: evil },
      {
        msg: "progress",
        event_id: "$ID",
        progress_data: [{ desc: evil, unit: evil, index: 1, length: 2, progress: null }],
      },
      { msg: "process_completed", event_id: "$ID", success: false, output: { error: `a\n\tb${evil}`, title: evil } },
    ],
  });
  const client = await connect(app.url);
  const job = client.submit("/echo", ["x"]);
  const error = await thrown(job.result());
  expect(error).toMatchObject({ code: "app", message: expect.stringMatching(/^a\n\tbx/) as string });
  // oxlint-disable-next-line no-control-regex -- these are the characters that must be gone
  const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  expect(String((error as AppError).stack)).not.toMatch(controls);
  expect((error as AppError).title).not.toMatch(controls);
  const logs: string[] = [];
  const lines: string[] = [];
  await thrown(
    (async () => {
      for await (const event of job)
        (event.type === "log" ? logs : lines).push(event.type === "log" ? event.log : "msg" in event ? event.msg : "");
    })(),
  );
  expect(logs).toEqual([evil]);
  expect(lines.join("")).not.toMatch(controls);
  const given = await hostileApp({ messages: [gave(evil)] });
  expect(await (await connect(given.url)).predict("/echo", ["x"])).toBe(evil);
});

test("the messages of fields, and lines of a logger, show no control characters", async () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (!url.includes("/queue/join")) return false;
      response.writeHead(422).end(JSON.stringify({ detail: [{ is_valid: false, message: evil }] }));
      return true;
    },
  });
  const client = await connect(app.url, { logger: { debug: write, info: write, warn: write, error: write } });
  const error = await thrown(client.predict("/echo", ["x"]));
  expect(Object.values((error as ValidationError).fieldErrors).join("")).not.toMatch(harmful);
  expect(lines.join("")).not.toMatch(harmful);
});
