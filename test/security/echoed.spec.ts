import { Client, type FileData, type NodeConnectOptions } from "#sdk";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { expect, onTestFinished, test, vi } from "vitest";
import { file, gave, hostileApp, type Seen, type Trick } from "./hostile.ts";
import { thrown, words } from "./secrets.ts";

/** Answers requests of a path with an error page that repeats what was sent. */
const repeats =
  (path: string, said: (request: Seen) => string, status = 400): Trick =>
  (request, response) => {
    if (!request.url.replace("/gradio_api", "").startsWith(path)) return false;
    response.writeHead(status).end(said(request));
    return true;
  };

const once = { retry: { limit: 0 } } as const;

async function connect(url: string, options: NodeConnectOptions = {}): Promise<Client> {
  return await Client.connect(url, { ...once, ...options });
}

/** Checks that something was thrown, and that none of its texts contains a secret. */
function expectHidden(error: unknown, ...secrets: (string | undefined)[]): void {
  expect(error).toBeInstanceOf(Error);
  for (const secret of secrets) {
    expect(secret).toBeTruthy();
    expect(words(error)).not.toContain(secret);
  }
}

test.each([
  ["of a Hub login", "hf_oauth_eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"],
  ["without a usual form", createHash("md5").update("token").digest("hex")],
])("a token %s is replaced where an error page repeats it, also one that a function returns", async (_, token) => {
  const app = await hostileApp({
    trick: repeats("/config", ({ headers }) => `no: ${headers.authorization?.slice(7)}`),
  });
  for (const given of [token, async () => token])
    expectHidden(await thrown(connect(app.url, { token: given })), token, token.slice(-24));
});

test("a password is replaced where a login repeats it, raw and encoded", async () => {
  for (const write of [(text: string) => text, decodeURIComponent, (text: string) => text.replaceAll("+", "%20")]) {
    const app = await hostileApp({ trick: repeats("/login", ({ body }) => write(body), 500) });
    const error = await thrown(connect(app.url, { auth: ["me", "correct horse/ß"] }));
    expectHidden(error, "correct horse", "correct+horse", "correct%20horse");
  }
});

test("the id of a session is replaced where a refusal or a redirect repeats it", async () => {
  let session = "";
  const refusing = await hostileApp({
    trick: repeats(
      "/queue/join",
      ({ body }) => (session = String((JSON.parse(body) as Record<string, unknown>)["session_hash"])),
    ),
  });
  const client = await connect(refusing.url);
  expectHidden(await thrown(client.predict("/echo", [1])), session);
  expectHidden(await thrown(client.predict("/echo", [1], { isolate: true })), session);
  await client.resetSession();
  expectHidden(await thrown(client.predict("/echo", [1])), session, client.sessionHash);
  const moving = await hostileApp({
    trick: ({ url }, response) => {
      const hash = new URL(url, "http://x").searchParams.get("session_hash");
      if (hash !== null) response.writeHead(302, { location: `/s/${(session = hash)}` }).end();
      else if (url.startsWith("/s/")) response.writeHead(302, { location: "http://127.0.0.1:9/" }).end();
      else return false;
      return true;
    },
  });
  expectHidden(await thrown((await connect(moving.url)).predict("/echo", [1])), session);
});

test("the caller's headers and cookies, and cookies that the app sets, are replaced where a refusal repeats them", async () => {
  const app = await hostileApp({
    trick: (request, response) => {
      if (request.url === "/config") response.setHeader("set-cookie", "login=COOKIE-OF-THE-APP; Path=/");
      return repeats("/queue/join", ({ headers }) => Object.values(headers).join(" "))(request, response);
    },
  });
  const headers = { "api-key": "KEY-OF-THE-CLIENT" };
  const client = await connect(app.url, { headers, cookies: "a=COOKIE-OF-THE-CALLER" });
  const error = await thrown(client.predict("/echo", [1], { headers: { "call-key": "KEY-OF-THE-CALL" } }));
  const { headers: sent } = app.of("/queue/join")[0]!;
  expect(sent.cookie).toContain("COOKIE-OF-THE-APP");
  expectHidden(error, "KEY-OF-THE-CLIENT", "KEY-OF-THE-CALL", "COOKIE-OF-THE-APP", "COOKIE-OF-THE-CALLER");
});

test("a secret in an address or a file name is replaced in errors and in lines of the log", async () => {
  const token = "hf_abcdefghijklmnop";
  const moved = await hostileApp({
    trick: ({ url }, response) => {
      if (url === "/config") response.writeHead(302, { location: `/${token}/config` }).end();
      else if (url.startsWith("/hf_")) response.end("no");
      else return false;
      return true;
    },
  });
  expectHidden(await thrown(connect(moved.url, { token })), token);
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const logger = { debug: write, info: write, warn: write, error: write };
  const named = await hostileApp({
    messages: [gave(file(`/tmp/${token}`, { orig_name: `${token}.txt` }))],
    trick: repeats("/file=", () => "gone", 404),
  });
  const client = await connect(named.url, { token, logger });
  expectHidden(await thrown(client.download(await client.predict<FileData>("/show"), { dir: tmpdir() })), token);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.join("\n")).not.toContain(token);
});

test("a secret is replaced in texts that the app sends with its events, and in viewApi", async () => {
  const token = "9f86d081884c7d659a2feaa0c55ad015";
  const app = await hostileApp({
    config: { title: `An app for ${token}` },
    messages: [{ msg: "process_completed", event_id: "$ID", success: false, output: { error: `no ${token}` } }],
  });
  const client = await connect(app.url, { token });
  expect(client.viewApi()).toContain("An app for …");
  expectHidden(await thrown(client.predict("/echo", [1])), token);
  const broken = await hostileApp({ messages: [`data: {"${"x".repeat(190)}${token}\n\n`] });
  expectHidden(await thrown((await connect(broken.url, { token })).predict("/echo", [1])), token, token.slice(0, 8));
});

test("the secrets of a copied Space are replaced where the Hub or the app repeats them", async () => {
  const secrets = { KEY: "VALUE-OF-A-SECRET" };
  const app = await hostileApp({ trick: repeats("/queue/join", () => `my key is ${secrets.KEY}`) });
  const answers: Record<string, unknown> = { host: { host: app.url }, "whoami-v2": { name: "me" }, duplicate: {} };
  let refuses = true;
  const hub = await hostileApp({
    trick: ({ url, body }, response) => {
      const answer = answers[url.split("/").at(-1)!] ?? {};
      if (refuses && url.endsWith("/duplicate")) response.writeHead(400).end(JSON.stringify({ error: `bad: ${body}` }));
      else response.end(JSON.stringify(answer));
      return true;
    },
  });
  const options = { token: "hf_abcdefghijklmnop", hubUrl: hub.url, secrets, ...once };
  expectHidden(await thrown(Client.duplicate("a/b", options)), secrets.KEY);
  refuses = false;
  const client = await Client.duplicate("a/b", options);
  expectHidden(await thrown(client.predict("/echo", [1])), secrets.KEY);
});

test("a heartbeat whose refusal repeats the secrets adds none of them to a line of the log", async () => {
  const token = "9f86d081884c7d659a2feaa0c55ad015";
  const app = await hostileApp({
    config: { connect_heartbeat: true },
    trick: repeats("/heartbeat", ({ url, headers }) => `no: ${url} ${Object.values(headers).join(" ")}`, 403),
  });
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const logger = { debug: write, info: write, warn: write, error: write };
  const headers = { "api-key": "KEY-OF-THE-CLIENT" };
  const client = await connect(app.url, { token, headers, logger });
  onTestFinished(() => client.close());
  expect(await client.predict("/echo", [1])).toBe("fine");
  await vi.waitUntil(() => lines.some((line) => line.includes("/heartbeat/") && line.endsWith(" 403")), 20_000);
  expect(app.of("/heartbeat/")[0]!.url).toContain(client.sessionHash);
  for (const secret of [token, headers["api-key"], client.sessionHash]) expect(lines.join("\n")).not.toContain(secret);
}, 30_000);

test("an upload whose refusal repeats the secrets brings none of them into an error or the log", async () => {
  const token = "9f86d081884c7d659a2feaa0c55ad015";
  const app = await hostileApp({
    trick: repeats("/upload", ({ url, headers }) => `no: ${url} ${Object.values(headers).join(" ")}`),
  });
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const logger = { debug: write, info: write, warn: write, error: write };
  const headers = { "api-key": "KEY-OF-THE-CLIENT" };
  const client = await connect(app.url, { token, headers, logger });
  const error = await thrown(client.predict("/take", [new Blob(["x"])]));
  expect(error).toMatchObject({ code: "upload", message: expect.stringContaining("no: ") });
  expectHidden(error, token, headers["api-key"]);
  expect(lines.some((line) => line.includes("/upload"))).toBe(true);
  for (const secret of [token, headers["api-key"]]) expect(lines.join("\n")).not.toContain(secret);
});

test("an error that contains no secret keeps the platform's own error as its cause", async () => {
  const error = await thrown(connect("http://127.0.0.1:9/", { token: "hf_abcdefghijklmnop" }));
  expect(error).toMatchObject({ code: "connection", cause: { code: "ECONNREFUSED", port: 9 } });
});
