import {
  AuthenticationError,
  Client,
  type FileData,
  ProtocolError,
  RateLimitError,
  SpaceError,
  type SpaceStatus,
} from "#sdk";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Hub, type SpaceSettings } from "../../servers/hub.ts";
import { appUrl, errorOf, until } from "../place.ts";

/** Starts a Hub on 127.0.0.1 with one Space, `owner/name`, for the app of this run. */
async function hubWith(settings: Partial<SpaceSettings> = {}, id = "owner/name"): Promise<Hub> {
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add(id, { app: await appUrl(), ...settings });
  return hub;
}

async function connect(app: string, options: Parameters<typeof Client.connect>[1]): Promise<Client> {
  return closing(await Client.connect(app, options));
}

function closing(client: Client): Client {
  onTestFinished(() => client.close());
  return client;
}

/** Returns a `fetch` that resolves `*.hf.space` to 127.0.0.1. */
function resolving(hosts: Readonly<Record<string, string>>): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const to = hosts[url.hostname];
    if (to === undefined) return await fetch(request);
    const body = request.body ? await request.arrayBuffer() : null;
    const { method, headers, signal } = request;
    const response = await fetch(new URL(url.pathname + url.search, to), { method, headers, signal, body });
    Object.defineProperty(response, "url", { value: request.url });
    return response;
  };
}

test("a Space is found by its id and by its page on the Hub, at the host that the Hub names", async () => {
  const hub = await hubWith({}, "owner/na.me");
  const host = new URL(hub.url).host;
  for (const name of [
    "owner/na.me",
    `${hub.url}/spaces/owner/na.me`,
    `${hub.url}/spaces/owner/na.me/tree/main?x=1`,
    `${host}/spaces/owner/na.me`,
    "https://huggingface.co/spaces/owner/na.me",
    "huggingface.co/spaces/owner/na.me",
  ]) {
    hub.seen.length = 0;
    const client = await connect(name, { hubUrl: hub.url, headers: { authorization: "for the app" } });
    expect(await client.predict("/echo", ["there"])).toBe("there");
    // Headers of the caller are sent to the app only.
    expect(hub.seen).toEqual(["GET /api/spaces/owner/na.me/host -"]);
  }
});

test("a host without a scheme is recognized", async () => {
  const url = new URL(await appUrl());
  for (const name of [url.host, `${url.host}/`, `localhost:${url.port}`, `127.0.0.1:${url.port}/?__theme=dark`])
    expect(await (await connect(name, {})).predict("/echo", ["there"])).toBe("there");
  const hub = await hubWith();
  const asked: string[] = [];
  const route = resolving({ "owner-name.hf.space": await appUrl() });
  const client = await connect("owner-name.hf.space", {
    hubUrl: hub.url,
    fetch: (request) => (asked.push(request.url), route(request)),
  });
  expect(asked[0]).toBe("https://owner-name.hf.space/config");
  expect(await client.predict("/echo", ["there"])).toBe("there");
  // An app that responds needs no Hub.
  expect(hub.seen).toEqual([]);
});

test("a private Space is opened with a token, which is sent to the Hub and to the Space only", async () => {
  const hub = await hubWith({ token: "hf_mine" });
  const client = await connect("owner/name", { hubUrl: hub.url, token: async () => "hf_mine" });
  const { headers } = await client.predict<{ headers: object }>("/headers", ["authorization"]);
  expect(headers).toEqual({ authorization: "Bearer hf_mine" });
  for (const seen of [...hub.seen, ...hub.seenByHosts]) expect(seen).toMatch(/ hf_mine$/);
  const elsewhere: unknown[] = [];
  const other = createServer((request, response) => {
    elsewhere.push(request.headers.authorization);
    response.end("public");
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const dir = await mkdtemp(join(tmpdir(), "spaces-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  await client.download(`http://127.0.0.1:${(other.address() as AddressInfo).port}/file`, { dir });
  expect(elsewhere).toEqual([undefined]);
});

test("without a valid token a private Space is not found, and the error names the missing permission", async () => {
  const hub = await hubWith({ token: "hf_mine" });
  const route = resolving({ "owner-name.hf.space": (await hubHost(hub, "owner/name", "hf_mine")) ?? "" });
  for (const app of ["owner/name", "no/body", "https://owner-name.hf.space"])
    for (const token of [undefined, "hf_other"]) {
      const error = await errorOf(Client.connect(app, { hubUrl: hub.url, token, fetch: route }));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error.message).toMatch(/right to read/);
      expect(error.message).not.toContain("hf_other");
    }
});

async function hubHost(hub: Hub, id: string, token: string): Promise<string | undefined> {
  const answer = await fetch(`${hub.url}/api/spaces/${id}/host`, { headers: { authorization: `Bearer ${token}` } });
  hub.seen.length = 0;
  return ((await answer.json()) as { host?: string }).host;
}

test("an invalid response of the Hub is a typed error", async () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(request.url?.includes("one") ? '{"host":"javascript:alert(1)"}' : "null");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of ["odd/one", "odd/two"])
    expect(await errorOf(connect(name, { hubUrl }))).toBeInstanceOf(ProtocolError);
  expect(await errorOf(connect("a/b", { hubUrl: "not a url" }))).toMatchObject({ code: "input" });
});

test("Node uses HF_ENDPOINT as the Hub's URL by default", async () => {
  const hub = await hubWith();
  const before = process.env["HF_ENDPOINT"];
  process.env["HF_ENDPOINT"] = hub.url;
  onTestFinished(() => {
    if (before === undefined) delete process.env["HF_ENDPOINT"];
    else process.env["HF_ENDPOINT"] = before;
  });
  const client = await connect("owner/name", {});
  expect(await client.predict("/echo", ["there"])).toBe("there");
});

test.each([
  ["503 and a page", { status: 503, body: "<html>asleep</html>" }],
  ["200 and a page", { status: 200, body: "<html>asleep</html>" }],
  ["404 and a page", { status: 404, body: "<html>gone</html>" }],
])("a sleeping Space that answers %s is woken, waited for, and called", async (_, unready) => {
  const hub = await hubWith({ unready, stages: ["SLEEPING", "BUILDING", "APP_STARTING", "RUNNING"] });
  const statuses: SpaceStatus[] = [];
  const client = await connect("owner/name", { hubUrl: hub.url, onSpaceStatus: (status) => statuses.push(status) });
  expect(await client.predict("/echo", ["awake"])).toBe("awake");
  expect(statuses.map(({ stage }) => stage)).toEqual(["BUILDING", "APP_STARTING", "RUNNING"]);
  expect(statuses[0]).toEqual({
    spaceId: "owner/name",
    stage: "BUILDING",
    status: "building",
    message: "The Space owner/name is being built (BUILDING).",
  });
});

test("a Space that is given by its host is woken, too: the Hub is asked for its name", async () => {
  const hub = await hubWith({ stages: ["SLEEPING", "SLEEPING", "RUNNING"] });
  const host = (await hubHost(hub, "owner/name", "-"))!;
  const fetch = resolving({ "owner-name.hf.space": host });
  const client = await connect("https://owner-name.hf.space/", { hubUrl: hub.url, fetch });
  expect(await client.predict("/echo", ["awake"])).toBe("awake");
  expect(new Set(hub.seen)).toEqual(new Set(["GET /api/spaces/by-subdomain/owner-name -"]));
});

test("a Space with a login is logged in to when it is awake", async () => {
  const hub = await hubWith({ app: await appUrl("locked"), stages: ["SLEEPING", "BUILDING", "RUNNING"] });
  const client = await connect("owner/name", { hubUrl: hub.url, auth: ["user", "p@ss:wörd"] });
  expect(await client.predict("/echo", ["inside"])).toBe("inside");
});

test.each([
  ["PAUSED", /owner.*Client\.duplicate\("owner\/name"\)/],
  ["BUILD_ERROR", /build logs.*The Hub says: exit code 1/],
])("connecting to a Space that is %s fails, and the error says what to do", async (stage, words) => {
  const hub = await hubWith({ stages: [stage], problem: "exit code 1" });
  const messages: string[] = [];
  const onSpaceStatus = ({ status }: SpaceStatus): void => void messages.push(status);
  const error = await errorOf(Client.connect("owner/name", { hubUrl: hub.url, onSpaceStatus }));
  expect(error).toBeInstanceOf(SpaceError);
  expect(error).toMatchObject({ stage, message: expect.stringMatching(words) });
  expect(messages).toHaveLength(1);
});

test.each([503, 200])(
  "a call to a sleeping Space that answers %i fails with an error that says so, and connecting again waits",
  async (status) => {
    const hub = await hubWith({ unready: { status, body: "<html>asleep</html>" } });
    const client = await connect("owner/name", { hubUrl: hub.url });
    hub.set("owner/name", ["SLEEPING", "BUILDING", "RUNNING"]);
    const error = await errorOf(client.predict("/echo", ["there"]));
    expect(error).toBeInstanceOf(SpaceError);
    expect(error).toMatchObject({ stage: "BUILDING", endpoint: "/echo" });
    expect(await (await connect("owner/name", { hubUrl: hub.url })).predict("/echo", ["there"])).toBe("there");
    // Errors of a Space that runs are not reported by the Hub.
    expect(await errorOf(client.predict("/fail", ["told"]))).toMatchObject({ code: "app", message: "told" });
  },
);

test("waiting for a Space ends with spaceTimeout, or at once with the signal", async () => {
  const hub = await hubWith({ stages: ["BUILDING"] });
  const error = await errorOf(Client.connect("owner/name", { hubUrl: hub.url, spaceTimeout: 700 }));
  expect(error).toBeInstanceOf(SpaceError);
  expect(error).toMatchObject({ stage: "BUILDING", message: expect.stringContaining("spaceTimeout") });
  const abort = new AbortController();
  const onSpaceStatus = (): void => abort.abort("enough");
  const waiting = Client.connect("owner/name", { hubUrl: hub.url, onSpaceStatus, signal: abort.signal });
  await expect(waiting).rejects.toBe("enough");
});

test("a request that the Hub answers with 429 is repeated when it asks for, also while a Space wakes", async () => {
  const hub = await hubWith({ stages: ["SLEEPING", "BUILDING", "RUNNING"] });
  hub.busy = 1;
  const stages: string[] = [];
  const onSpaceStatus = ({ stage }: SpaceStatus): void => {
    if (stages.push(stage) === 1) hub.busy = 1;
  };
  const client = await connect("owner/name", { hubUrl: hub.url, onSpaceStatus });
  expect(await client.predict("/echo", ["awake"])).toBe("awake");
  hub.busy = 1_000;
  const error = await errorOf(Client.connect("owner/name", { hubUrl: hub.url, retry: { limit: 0 } }));
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ retryAfter: 1_000 });
});

test("cookies of the caller are sent to an app that is given by its Space id, and not to the Hub", async () => {
  const hub = await hubWith();
  const client = await connect("owner/name", { hubUrl: hub.url, cookies: "a=1; b=2" });
  const { headers } = await client.predict<{ headers: { cookie: string } }>("/headers", ["cookie"]);
  expect(headers.cookie).toContain("a=1; b=2");
});

test("files of a private Space have URLs that open without a token, and download works without more code", async () => {
  const hub = await hubWith({ token: "hf_mine" });
  const client = await connect("owner/name", { hubUrl: hub.url, token: "hf_mine" });
  const file = await client.predict<FileData>("/file_make", ["made.txt", 10]);
  const { origin, searchParams } = new URL(file.url);
  expect(`${origin}/`).toBe(client.app.url);
  expect(searchParams.get("__sign")).toMatch(/^e30\./);
  expect(await (await fetch(file.url)).text()).toBe("xxxxxxxxxx");
  // The app receives its file without the signature that makes it public.
  hub.seenByHosts.length = 0;
  expect(await client.predict("/file_info", [file])).toMatchObject({ size: 10 });
  const dir = await mkdtemp(join(tmpdir(), "spaces-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  expect(await readFile(await client.download(file, { dir }), "utf8")).toBe("xxxxxxxxxx");
  expect(hub.seenByHosts.filter((seen) => seen.includes("__sign"))).toEqual([]);
});

test("URLs of files are not signed in a public Space, nor in an app that is not a Space", async () => {
  const hub = await hubWith();
  for (const app of ["owner/name", await appUrl()]) {
    const client = await connect(app, { hubUrl: hub.url, token: "hf_mine" });
    expect((await client.predict<FileData>("/file_make")).url).not.toContain("__sign");
  }
});

test("a later call does not return URLs with an expired signature", async () => {
  const hub = await hubWith({ token: "hf_mine" });
  hub.signatureLife = 1_200;
  const client = await connect("owner/name", { hubUrl: hub.url, token: "hf_mine" });
  const first = await client.predict<FileData>("/file_make");
  await until(async () => (await fetch(first.url)).status === 404);
  const later = await client.predict<FileData>("/file_make");
  expect((await fetch(later.url)).status).toBe(200);
});

test("calls of a private Space work without signatures from the Hub, and the logger is told", async () => {
  const hub = await hubWith({ token: "hf_mine" });
  const warned: string[] = [];
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: (line: string) => void warned.push(line), error: quiet };
  const fetchWithout = async (request: Request): Promise<Response> =>
    request.url.endsWith("/jwt") ? new Response("{}", { status: 404 }) : await fetch(request);
  const client = await connect("owner/name", { hubUrl: hub.url, token: "hf_mine", logger, fetch: fetchWithout });
  expect((await client.predict<FileData>("/file_make")).url).not.toContain("__sign");
  expect(warned.join()).toContain("signed");
});

test("ipToken is sent with calls only; a header of the call takes precedence", async () => {
  const hub = await hubWith();
  let count = 0;
  const client = await connect("owner/name", { hubUrl: hub.url, ipToken: async () => `visitor-${++count}` });
  expect(count).toBe(0);
  const charged = async (headers?: Record<string, string>): Promise<unknown> =>
    (await client.predict<{ headers: unknown }>("/headers", ["x-ip-token"], { headers })).headers;
  expect(await charged()).toEqual({ "x-ip-token": "visitor-1" });
  expect(await charged({ "X-IP-Token": "mine" })).toEqual({ "x-ip-token": "mine" });
  expect(count).toBe(2);
  const plain = await connect(await appUrl(), { ipToken: "fixed" });
  const { headers } = await plain.predict<{ headers: unknown }>("/headers", ["x-ip-token"]);
  expect(headers).toEqual({ "x-ip-token": "fixed" });
});

test("an invalid ipToken, or a function that throws, fails the call before it is sent, without retries", async () => {
  const bad = await connect(await appUrl(), { ipToken: () => "s3cret\nx: y" });
  const error = await errorOf(bad.predict("/echo", ["x"]));
  expect(error).toMatchObject({ code: "input" });
  expect(String(error.stack) + String(error.cause)).not.toContain("s3cret");
  const failing = await connect(await appUrl(), { ipToken: () => Promise.reject(new Error("no visitor")) });
  expect(await errorOf(failing.predict("/echo", ["x"]))).toMatchObject({ code: "authentication" });
});
