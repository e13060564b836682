import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, TimeoutError } from "@gradio-rx/node";
import { type CallContext, serveApp } from "@gradio-rx/testing";
import { renderToString as renderVue } from "@vue/server-renderer";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { lastValueFrom, of, take, timer, toArray } from "rxjs";
import { expect, onTestFinished, test } from "vitest";
import { Hub } from "../../test/servers/hub.ts";
import { openai } from "./agents.ts";
import { startApp } from "./app.ts";
import { ChatPage } from "./chat.tsx";
import { messageOf, predictTwice, typo } from "./errors.ts";
import { disk, output, upload, values } from "./files.ts";
import { call } from "./first-call.ts";
import { fail, stop, stream } from "./five-minutes.ts";
import { Greeting } from "./greeting.tsx";
import { write } from "./home.ts";
import { greetInMemory } from "./in-memory.ts";
import { abort, callbacks, events, late, limit } from "./jobs.ts";
import { createClient } from "./lazy.ts";
import { all } from "./many-calls.ts";
import { migrated } from "./migrating.ts";
import { latest } from "./performance.ts";
import { read } from "./relay-page.ts";
import { repeat, wait } from "./reliability.ts";
import { added, countUntil, frames, greet, greetAll, logs, share as progressOf, typeAhead } from "./rxjs.ts";
import { proxyOf, relay } from "./servers.ts";
import { clientOf, fork, leave, reset, share } from "./sessions.ts";
import { connectSpace } from "./spaces.ts";
import { typed } from "./types.ts";
import { createPage } from "./vue.ts";
import { Page } from "./writer.tsx";

const STORY = ["A story about", "A story about cats"];

async function start(): Promise<{ url: string; client: Client }> {
  const app = await startApp();
  onTestFinished(() => app.close());
  const client = await Client.connect(app.url);
  onTestFinished(() => client.close());
  return { url: app.url, client };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "samples-"));
  onTestFinished(() => rm(path, { recursive: true }));
  await writeFile(join(path, "letter.txt"), "one two three");
  return path;
}

test("five minutes: a call, a stream, a cancel and an error of the app", async () => {
  const { url, client } = await start();
  expect(await call(url)).toEqual(["Hello Ada", "Hello Ada"]);
  const texts: string[] = [];
  await stream(client, (text) => texts.push(text));
  expect(texts).toEqual(STORY);
  expect(await stop(client)).toBe(true);
  await fail(client, (text) => texts.push(text));
  expect(texts.at(-1)).toBe("Bad arithmetic: Cannot divide by zero.");
});

test("home: a call shows its statuses and its growing text", async () => {
  const { url } = await start();
  const shown: string[] = [];
  expect(await write(url, (text) => shown.push(text))).toBe(STORY[1]);
  expect(shown).toEqual(expect.arrayContaining(["Starting", ...STORY]));
});

test("reliability: a call is repeated after a loss, and waits for a place in the queue", async () => {
  let runs = 0;
  const app = await serveApp({
    async "/write"(topic: string, { signal }: CallContext) {
      runs += 1;
      if (runs === 1) await once(signal, "abort");
      return topic;
    },
  });
  onTestFinished(() => app.close());
  const client = await Client.connect(app.url);
  onTestFinished(() => client.close());
  const repeated = repeat(client);
  await expect.poll(() => runs, { timeout: 20_000 }).toBe(1);
  app.dropStreams();
  expect(await repeated).toBe("cats");
  expect(runs).toBe(2);
  expect(await wait(client)).toBe("cats");
});

test("performance: a job keeps the latest output alone", async () => {
  const { client } = await start();
  const [last, kept] = await latest(client);
  expect(last).toBeGreaterThanOrEqual(3);
  expect(kept).toBe(1);
});

test("browsers: a client of a module connects with its first call", async () => {
  const { url } = await start();
  const client = createClient(url);
  onTestFinished(() => client.close());
  expect(await client.predict("/greet", ["Ada"])).toBe("Hello Ada");
});

test("sessions: calls of one client share state, forks and a reset start anew", async () => {
  const { client } = await start();
  expect(await share(client)).toEqual(["1: hello", "2: again"]);
  expect(await fork(client)).toEqual(["1: hello", "1: hello"]);
  expect(await reset(client)).toBe("1: hello");
  const own = clientOf(client, "ada");
  expect(clientOf(client, "ada")).toBe(own);
  expect(await own.predict("/chat", ["hello"])).toBe("1: hello");
  await leave("ada");
  expect(clientOf(client, "ada")).not.toBe(own);
});

test("jobs: iteration and callbacks receive the same events, late readers all of them", async () => {
  const { client } = await start();
  const lines: string[] = [];
  await events(client, (line) => lines.push(line));
  expect(lines[0]).toBe("starting");
  expect(lines.at(-1)).toBe("complete");
  expect(lines).toEqual(expect.arrayContaining(["info: Writing about cats.", ...STORY]));
  const called: string[] = [];
  await callbacks(client, (line) => called.push(line));
  expect(called).toEqual(expect.arrayContaining([...STORY, `result: ${STORY[1]}`]));
  expect((await late(client)).flatMap((event) => (event.type === "data" ? [event.data] : []))).toEqual(STORY);
});

test("jobs: a signal and a time limit end a call", async () => {
  const { client } = await start();
  expect(await abort(client)).toEqual(new Error("The user left."));
  const error = await limit(client);
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ kind: "call" });
});

test("recipes of RxJS", async () => {
  const { client } = await start();
  expect(await lastValueFrom(typeAhead(client, of("ap", "app")))).toEqual(["apple"]);
  expect(await lastValueFrom(frames(client, "cats"))).toBe(STORY[1]);
  expect(await lastValueFrom(added(client, "cats").pipe(toArray()))).toEqual(["A story about", " cats"]);
  expect(await lastValueFrom(progressOf(client, "cats"))).toBe(1);
  expect(await lastValueFrom(logs(client, "cats"))).toBe("info: Writing about cats.");
  expect(await lastValueFrom(countUntil(client, timer(30_000)).pipe(take(2), toArray()))).toEqual([1, 2]);
  expect(await lastValueFrom(greet(client, "Ada"))).toBe("Hello Ada");
  const greetings = await lastValueFrom(greetAll(client, ["Ada", "Grace"]).pipe(toArray()));
  expect(greetings.toSorted()).toEqual(["Hello Ada", "Hello Grace"]);
});

test("files: by value, from disk, as an output and uploaded before", async () => {
  const { client } = await start();
  const path = await folder();
  expect(await values(client)).toEqual({ words: 3 });
  expect(await disk(client, join(path, "letter.txt"))).toEqual({ words: 3 });
  expect(await output(client, path)).toBe("one two three");
  expect(await upload(client)).toEqual([{ words: 3 }, 1]);
});

test("many calls: outcomes in the order of the inputs", async () => {
  const { client } = await start();
  const lines: string[] = [];
  await all(client, (line) => lines.push(line));
  expect(lines).toEqual(["Ada: Hello Ada", "Grace: Hello Grace", "Edsger: Hello Edsger"]);
});

test("errors: messages, and a second attempt where the function did not run", async () => {
  const { client } = await start();
  expect(await typo(client)).toMatch(/^Invalid input: The app has no endpoint "\/gret"\. Did you mean "\/greet"\?/);
  expect(await predictTwice(client, "/greet", ["Ada"])).toBe("Hello Ada");
  await expect(predictTwice(client, "/divide", [1, 0])).rejects.toThrow("Cannot divide by zero.");
  expect(() => messageOf(new RangeError("mine"))).toThrow(RangeError);
});

test("servers: a proxy asks for the visitor, a relay streams a job to the page", async () => {
  const { url, client } = await start();
  const request = new Request("http://site.test/api/gradio/texts/config");
  expect((await proxyOf(url)(request)).status).toBe(403);
  const visitor = new Request(request, { headers: { cookie: "visitor=ada" } });
  expect((await proxyOf(url)(visitor)).status).toBe(200);
  const texts: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) =>
    await relay(client)(new Request(input instanceof Request ? input : new URL(input, "http://site.test"), init));
  await read(fetch, (text) => texts.push(text));
  expect(texts).toEqual(STORY);
});

test("agents: tools of endpoints, and a call of one", async () => {
  const { client } = await start();
  expect(await openai(client)).toEqual([["greet", "divide"], "Hello Ada"]);
});

test("testing: an app without a network", async () => {
  expect(await greetInMemory()).toBe("Hello Ada");
});

test("types: a typed client", async () => {
  const { url } = await start();
  expect(await typed(url)).toEqual(["Hello Ada", 2]);
});

test("migrating: outputs are returned as they are", async () => {
  const { client } = await start();
  const path = await folder();
  const printed: unknown[] = [];
  await migrated(client, join(path, "letter.txt"), (line) => printed.push(line));
  expect(printed).toEqual([...STORY, ["Hello Ada", { words: 3 }, client.endpoints.length]]);
});

test("Spaces: the client waits while a Space is built", async () => {
  const { url } = await start();
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add("owner/name", { app: url, stages: ["SLEEPING", "BUILDING", "RUNNING"] });
  const messages: string[] = [];
  const client = await connectSpace({ hubUrl: hub.url }, (text) => messages.push(text));
  onTestFinished(() => client.close());
  expect(messages).toContain("The Space owner/name is being built (BUILDING).");
  expect(await client.predict("/greet", ["Ada"])).toBe("Hello Ada");
});

test("React and Vue: a server renders the idle state, without a request", async () => {
  const app = await startApp();
  onTestFinished(() => app.close());
  expect(renderToString(createElement(Page, { app: app.url }))).toContain("Write</button>");
  expect(renderToString(createElement(ChatPage, { app: app.url }))).toContain("Send</button>");
  expect(Greeting).toBeTypeOf("function");
  expect(await renderVue(createPage(app.url))).toContain("Write</button>");
  expect(app.requests).toEqual([]);
});
