import { Client, isRetryable, lazyClient } from "@gradio-rx/client";
import { endpoint, type CallContext, serveApp, textbox } from "@gradio-rx/testing";
import { delay, lastValueFrom, of, Subject, toArray } from "rxjs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { ServerRecord } from "../../demo/api.ts";
import { startEmbedded } from "../../demo/app.ts";
import { greetAll } from "./recipes/at-most.ts";
import { fastest } from "./recipes/fastest.ts";
import { growingText } from "./recipes/growing-text.ts";
import { greetReliably } from "./recipes/retries.ts";
import { countUntil } from "./recipes/stop.ts";
import { totalProgress } from "./recipes/total-progress.ts";
import { typeAhead } from "./recipes/type-ahead.ts";
import { run } from "./run.ts";

async function connect(): Promise<Client> {
  const app = await startEmbedded();
  onTestFinished(() => app.stop());
  const client = await Client.connect(app.url);
  onTestFinished(() => client.close());
  return client;
}

/** Time that the app has to show a state. */
const patience = { timeout: 20_000 };
const recordOf = (client: Client) => client.predict<ServerRecord>("/record");

test("type-ahead: the answers to the last text arrive, and the app stops the search before it", async () => {
  const client = await connect();
  const keys$ = new Subject<string>();
  const found = lastValueFrom(typeAhead(client, keys$));
  const searches = async () => (await recordOf(client)).searches;
  keys$.next("b");
  await vi.waitFor(async () => expect(await searches()).toMatchObject({ started: 1 }), patience);
  keys$.next("blu");
  keys$.complete();
  expect(await found).toEqual(["blueberry"]);
  const ended = { started: 2, cancelled: 1, finished: 1 };
  await vi.waitFor(async () => expect(await searches()).toEqual(ended), patience);
});

test("race: the answer of the faster app arrives, and the slower app stops", async () => {
  const slowStarted = Promise.withResolvers<void>();
  const slowStopped = Promise.withResolvers<void>();
  const slow = endpoint({
    inputs: [textbox("name")],
    outputs: [textbox("answer")],
    fn: async function* (_name: string, { signal }: CallContext) {
      slowStarted.resolve();
      try {
        await sleep(60_000, undefined, { signal });
        yield "too late";
      } finally {
        slowStopped.resolve();
      }
    },
  });
  const fast = async (name: string): Promise<string> => {
    await slowStarted.promise;
    return `Hello ${name}`;
  };
  const apps = [await serveApp({ "/greet": slow }), await serveApp({ "/greet": fast })];
  const clients = await Promise.all(apps.map(({ url }) => Client.connect(url)));
  onTestFinished(async () => {
    for (const owned of [...clients, ...apps]) await owned.close();
  });
  expect(await lastValueFrom(fastest(clients, "/greet", ["Ada"]))).toBe("Hello Ada");
  await slowStopped.promise;
});

test("progress of two calls rises to 1, in steps of both", async () => {
  const shares = await lastValueFrom(totalProgress(await connect(), [1, 1]).pipe(toArray()));
  expect(shares[0]).toBe(0);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test("a growing text ends with the whole text", async () => {
  const texts = await lastValueFrom(growingText(await connect()).pipe(toArray()));
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.at(-1)).toMatch(/^A client asked an app for a story.* do\.$/);
});

test("stop: the app stops counting", async () => {
  const client = await connect();
  const numbers$ = countUntil(client, of("click").pipe(delay(500)));
  expect(await lastValueFrom(numbers$)).toBeGreaterThan(0);
  await vi.waitFor(async () => expect((await recordOf(client)).counting.stopped).toBe(true), patience);
});

test("at most two calls run at a time, and all greetings arrive", async () => {
  let running = 0;
  let most = 0;
  const greet = endpoint({
    inputs: [textbox("name")],
    outputs: [textbox("greeting")],
    concurrencyLimit: null,
    fn: async (name: string) => {
      most = Math.max(most, (running += 1));
      await sleep(50);
      running -= 1;
      return `Hello ${name}`;
    },
  });
  const app = await serveApp({ "/greet": greet });
  const client = await Client.connect(app.url);
  onTestFinished(async () => {
    await client.close();
    await app.close();
  });
  const names = ["Ada", "Grace", "Alan", "Edsger", "Barbara"];
  const greetings = await lastValueFrom(greetAll(client, names, 2).pipe(toArray()));
  expect(greetings.map(({ text }) => text).toSorted()).toEqual(names.map((name) => `Hello ${name}`).toSorted());
  expect(most).toBe(2);
});

test("retries: a call reaches an app that starts after the first attempts", async () => {
  const serve = (port?: number) => serveApp({ "/greet": (name: string) => `Hello ${name}` }, port ? { port } : {});
  const gone = await serve();
  await gone.close();
  const client = lazyClient(gone.url);
  onTestFinished(() => client.close());
  const failedTwice = Promise.withResolvers<void>();
  let failures = 0;
  const when = (error: unknown): boolean => {
    if ((failures += 1) === 2) failedTwice.resolve();
    return isRetryable(error);
  };
  const answer = lastValueFrom(greetReliably(client, "Ada", { count: 50, minDelay: 20, maxDelay: 100, when }));
  await failedTwice.promise;
  const app = await serve(Number(new URL(gone.url).port));
  onTestFinished(() => app.close());
  expect(await answer).toBe("Hello Ada");
});

test("the example prints the outcome of each recipe", async () => {
  const app = await startEmbedded();
  onTestFinished(() => app.stop());
  const lines: string[] = [];
  await run(app.url, (line) => void lines.push(line), startEmbedded);
  expect(lines.filter((line) => !line.startsWith(" "))).toHaveLength(7);
  expect(lines.at(-1)).toContain("Hello, Edsger!");
}, 60_000);
