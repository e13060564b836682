import { Client, type FileData, type Logger } from "#sdk";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { file, gave, hostileApp, otherServer, type Trick } from "./hostile.ts";
import { connect, leaks, secretCall, secretOptions, secrets, thrown, words } from "./secrets.ts";

/** All texts that can be found in a thrown value. */
const expectClean = (error: unknown): void => {
  expect(error).toBeInstanceOf(Error);
  expect(leaks(words(error))).toEqual([]);
};

const says =
  (path: string, status: number, body: (headers: string) => string): Trick =>
  ({ url, headers }, response) => {
    if (!url.replace("/gradio_api", "").startsWith(path)) return false;
    response.writeHead(status, { "content-type": "text/html" });
    response.end(body(JSON.stringify(headers)));
    return true;
  };

/** Ways in which a request fails; some repeat the data that they were sent. */
const failures: [string, (path: string) => Trick][] = [
  [
    "is hung up on",
    (path) =>
      ({ url }, response) =>
        url.includes(path) && (response.destroy(), true),
  ],
  [
    "gets junk that is not HTTP",
    (path) =>
      ({ url }, response) =>
        url.includes(path) && (response.socket?.end("junk\r\n\r\n"), true),
  ],
  ...[200, 400, 401, 403, 404, 413, 422, 429, 500, 503].map((status): [string, (path: string) => Trick] => [
    `is answered ${status} by a page that repeats the token`,
    (path) => says(path, status, (headers) => headers),
  ]),
  [
    "is sent round in circles",
    (path) =>
      ({ url }, response) =>
        url.includes(path) && (response.writeHead(302, { location: url }).end(), true),
  ],
  [
    "is sent to a signed address elsewhere",
    (path) =>
      ({ url }, response) =>
        url.includes(path) &&
        (response.writeHead(302, { location: `https://u:${secrets.input}@x.example/?__sign=${secrets.input}` }).end(),
        true),
  ],
];

test.each(failures)("no error contains a secret when a request %s", async (_, fail) => {
  for (const path of ["/config", "/info"]) {
    const app = await hostileApp({ trick: fail(path) });
    const error = await thrown(connect(app.url));
    if (error !== undefined) expectClean(error);
  }
  for (const path of ["/queue/join", "/queue/data"]) {
    const app = await hostileApp({ trick: fail(path) });
    const client = await connect(app.url);
    const job = client.submit("/echo", [secrets.input], secretCall);
    expectClean(await thrown(job.result()));
    expect(leaks(inspect([job, job.status(), client], { depth: Infinity, showHidden: true }))).toEqual([]);
  }
  const app = await hostileApp({ trick: fail("/upload") });
  const client = await connect(app.url);
  expectClean(await thrown(client.upload([new Blob([secrets.input])])));
  expectClean(await thrown(client.predict("/take", [new Blob([secrets.input])], secretCall)));
  const missing = await hostileApp({ trick: fail("/file="), messages: [gave(file("/tmp/a"))] });
  const other = await connect(missing.url);
  const error = await thrown(
    other.download(await other.predict<FileData>("/show"), { dir: "/nowhere/that/can/be/made\0" }),
  );
  expectClean(error);
});

test("a user and a password in an address are sent to its origin only, and no error and no address shows them", async () => {
  const app = await hostileApp();
  const secret = app.url.replace("http://", `http://user:${secrets.input}@`);
  const client = await connect(app.url);
  const other = await otherServer();
  const noToken = { token: undefined, headers: undefined, cookies: undefined, ipToken: undefined };
  const open = await connect(secret, noToken);
  expect(app.seen.at(-1)!.headers.authorization).toMatch(/^Basic /);
  expect(leaks(inspect([open.app, open.viewApi(), app.seen.map(({ url }) => url)]))).toEqual([]);
  await open.download(`${other.url}/file=x`, { dir: await mkdtemp(join(tmpdir(), "gradio-rx-")) });
  expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  const fails = await hostileApp({
    trick: ({ headers }, response) => (response.writeHead(500).end(headers.authorization), true),
  });
  const failing = fails.url.replace("http://", `http://user:${secrets.input}@`);
  expectClean(await thrown(connect(failing, noToken)));
  for (const error of [
    await thrown(connect(secret)),
    await thrown(connect("owner/name", { hubUrl: secret })),
    await thrown(client.download(`${secret}/file=x`)),
    await thrown(connect(`ftp://user:${secrets.input}@host`)),
    await thrown(connect(`user:${secrets.input}@host/app`)),
  ]) {
    expectClean(error);
    expect(error).toMatchObject({ code: "input" });
  }
});

test("the error for a token function that throws does not quote it; the function's error is the cause", async () => {
  const app = await hostileApp();
  const error = await thrown(connect(app.url, { token: () => Promise.reject(new Error("the vault is shut")) }));
  expect(error).toMatchObject({ code: "authentication", cause: { message: "the vault is shut" } });
  for (const token of [() => "", () => 5 as never]) expectClean(await thrown(connect(app.url, { token })));
});

test("the URL of a configuration behind a signed redirect is reported without the signature", async () => {
  const app = await hostileApp({
    trick: ({ url }, response) => {
      if (url === "/config") response.writeHead(302, { location: `/config?__sign=${secrets.input}` }).end();
      else if (url.startsWith("/config")) response.end("<html>nothing here");
      else return false;
      return true;
    },
  });
  const error = await thrown(connect(app.url));
  expect(error).toMatchObject({ code: "protocol" });
  expectClean(error);
});

test("a logger receives no secret, no session hash and no query; the SDK prints nothing", async () => {
  const lines: string[] = [];
  const take = (line: string): void => void lines.push(line);
  const logger: Logger = { debug: take, info: take, warn: take, error: take };
  const printed = (["log", "info", "warn", "error", "debug"] as const).map((name) => vi.spyOn(console, name));
  const out = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  onTestFinished(() => [...printed, ...out].forEach((spy) => spy.mockRestore()));
  const app = await hostileApp({ config: { connect_heartbeat: true }, messages: [gave(file("/tmp/a.txt"))] });
  const client = await connect(app.url, { logger, deepLink: secrets.input });
  await client.predict("/show", [], secretCall);
  await client.upload([new Blob(["x"])]);
  await client.close();
  const printing = [...printed, ...out].flatMap((spy) => spy.mock.calls.map(([text]) => String(text)));
  expect(printing.filter((text) => leaks(text).length > 0 || text.includes("gradio_api"))).toEqual([]);
  expect(lines.length).toBeGreaterThan(3);
  expect(leaks(lines.join("\n"))).toEqual([]);
  expect(lines.join("\n")).not.toContain(client.sessionHash);
});

test("no URL contains a secret: neither a requested one nor one in an output", async () => {
  const app = await hostileApp({ config: { connect_heartbeat: true }, messages: [gave(file("/tmp/a.txt"))] });
  const client = await connect(app.url);
  const shown = await client.predict("/show", [], secretCall);
  await client.predict("/echo", [secrets.input], secretCall).catch(() => undefined);
  expect(leaks(JSON.stringify(shown))).toEqual([]);
  expect(app.seen.flatMap(({ url }) => leaks(decodeURIComponent(url)))).toEqual([]);
});

test("inspecting clients, jobs and errors shows no secrets", async () => {
  const app = await hostileApp();
  const client = await connect(app.url, { auth: ["user", secrets.input], oauthToken: secrets.token });
  const job = client.submit("/echo", [secrets.input], secretCall);
  await job.result();
  const seen = [client, job, client.withOptions(secretCall), client.endpoints, client.app, Client];
  expect(leaks(inspect(seen, { depth: Infinity, showHidden: true, getters: true }))).toEqual([]);
  expect(leaks(JSON.stringify([client, client.app, job.status()]))).toEqual([]);
  expect(secretOptions.token).toBe(secrets.token);
});
