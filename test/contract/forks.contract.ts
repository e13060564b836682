import { Client, InputError, lazyClient } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { appUrl, connect, errorOf, until } from "./place.ts";

test("two visitors with a fork each never see each other's state", async () => {
  const client = await connect();
  const [ada, grace] = [client.fork(), client.fork()];
  const hashes = new Set([client, ada, grace].map(({ sessionHash }) => sessionHash));
  expect(hashes.size).toBe(3);
  const turns = async (visitor: Client, step: number): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) seen.push(await visitor.predict("/counter", [step]));
    return seen;
  };
  expect(await Promise.all([turns(ada, 1), turns(grace, 10)])).toEqual([
    [1, 2, 3],
    [10, 20, 30],
  ]);
  expect(await client.predict("/counter", [100])).toBe(100);
  await ada.resetSession();
  expect(await ada.predict("/counter", [1])).toBe(1);
  expect(await grace.predict("/counter", [10])).toBe(40);
});

test("a fork is made at once and without a request, and has the call options of its client", async () => {
  let requests = 0;
  const counted = (request: Request): Promise<Response> => {
    requests++;
    return fetch(request);
  };
  const client = await Client.connect(await appUrl(), { fetch: counted });
  onTestFinished(() => client.close());
  const before = requests;
  const fork = client.withOptions({ timeout: 800 }).fork();
  expect(fork.endpoints).toEqual(client.endpoints);
  expect(requests).toBe(before);
  expect(await errorOf(fork.predict("/slow", [5]))).toMatchObject({ kind: "call" });
});

test("a fork's own headers replace those of its client; its session can be chosen", async () => {
  const client = await connect({ headers: { "x-run": "shared", "x-visitor": "none" } });
  const sessionHash = crypto.randomUUID();
  const fork = client.fork({ sessionHash, headers: { "x-visitor": "ada" } });
  expect(fork.sessionHash).toBe(sessionHash);
  const seen = (from: Client) =>
    from.predict<{ headers: object; session_hash: string | null }>("/headers", ["x-run,x-visitor"]);
  const shared = await seen(client);
  expect(shared.headers).toEqual({ "x-run": "shared", "x-visitor": "none" });
  // Gradio 3 does not tell a function its session.
  const isTold = shared.session_hash !== null;
  if (isTold) expect(shared.session_hash).toBe(client.sessionHash);
  expect(await seen(fork)).toMatchObject({
    headers: { "x-run": "shared", "x-visitor": "ada" },
    session_hash: isTold ? sessionHash : null,
  });
  expect((await seen(client)).headers).toEqual(shared.headers);
  expect(() => client.fork({ session: "x" } as object)).toThrow(InputError);
  // One client at a time reads a session.
  expect(() => client.fork({ sessionHash })).toThrow(InputError);
});

test("closing a fork leaves its client and the other forks; closing the client ends all forks", async () => {
  const client = await connect();
  const [left, running] = [client.fork(), client.fork()];
  const fork = running.fork();
  await left.predict("/echo", ["x"]);
  const job = running.submit("/generate", ["abcdefgh", 0.05]);
  await until(() => job.outputs().length > 0);
  await left.close();
  expect(await errorOf(left.predict("/echo", ["x"]))).toMatchObject({ code: "cancelled" });
  expect(await client.predict("/echo", ["still here"])).toBe("still here");
  expect(await job.result()).toBe("abcdefgh");
  const endless = [client.fork(), fork].map((one) => errorOf(one.predict("/slow", [60])));
  await client.close();
  for (const error of await Promise.all(endless)) expect(error).toMatchObject({ code: "cancelled" });
  for (const one of [running, fork, client.fork()])
    expect(await errorOf(one.predict("/echo", ["x"]))).toMatchObject({ code: "cancelled" });
});

test("a lazy client is there at once, and connects with its first call", async () => {
  const seen: string[] = [];
  const recorded = (request: Request): Promise<Response> => {
    seen.push(new URL(request.url).pathname);
    return fetch(request);
  };
  const client = lazyClient(await appUrl(), { fetch: recorded });
  onTestFinished(() => client.close());
  for (const read of [() => client.config, () => client.app, () => client.endpoints]) expect(read).toThrow(InputError);
  expect(seen).toEqual([]);
  const data = ["first"];
  const jobs = [client.submit("/echo", data), client.submit("/echo", ["second"])];
  data[0] = "changed afterwards";
  expect(jobs.map((job) => job.status().stage)).toEqual(["starting", "starting"]);
  expect(await Promise.all(jobs.map((job) => job.result()))).toEqual(["first", "second"]);
  expect(seen.filter((path) => path === "/config")).toHaveLength(1);
  expect(await client.connected).toBe(client);
  expect(client.endpoints.map(({ name }) => name)).toContain("/echo");
});

test("a lazy client tries again with the next call where connecting failed", async () => {
  let down = true;
  const client = lazyClient(await appUrl(), {
    retry: { limit: 0 },
    fetch: (request) => (down ? Promise.reject(new TypeError("down")) : fetch(request)),
  });
  onTestFinished(() => client.close());
  expect(await errorOf(client.predict("/echo", ["x"]))).toMatchObject({ code: "connection" });
  expect(await errorOf(client.connected)).toMatchObject({ code: "connection" });
  down = false;
  const fork = client.fork();
  expect(await fork.predict("/counter", [2])).toBe(2);
  expect(await client.predict("/counter", [5])).toBe(5);
});

test("invalid options of a lazy client fail its calls, and a lazy client that closes ends them", async () => {
  const wrong = lazyClient(await appUrl(), { hf_token: "x" } as object);
  expect(await errorOf(wrong.predict("/echo", ["x"]))).toMatchObject({ code: "input", parameter: "hf_token" });
  const client = lazyClient(await appUrl(), { fetch: () => new Promise(() => undefined) });
  const open = errorOf(client.predict("/echo", ["x"]));
  await client.close();
  expect(await open).toMatchObject({ code: "cancelled" });
});

test("a query is sent with each call, whether it is an option or part of the address", async () => {
  const url = await appUrl();
  const seen = async (address: string, query?: Record<string, string> | URLSearchParams): Promise<unknown> => {
    const client = await Client.connect(address, { query });
    onTestFinished(() => client.close());
    const { query: received } = await client.predict<{ query: Record<string, string> }>("/headers", ["none"]);
    // Before 4.9, the request has parameters of its own.
    const { fn_index: _, session_hash: _hash, ...own } = received;
    return own;
  };
  expect(await seen(url)).toEqual({});
  expect(await seen(url, { tenant: "a b", lang: "ä" })).toEqual({ tenant: "a b", lang: "ä" });
  expect(await seen(`${url}/?tenant=a&lang=en`, new URLSearchParams({ lang: "de" }))).toEqual({
    tenant: "a",
    lang: "de",
  });
  expect(await seen(url, { fn_index: "99", session_hash: "other" })).toEqual({});
});
