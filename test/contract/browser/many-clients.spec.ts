import { Client } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../place.ts";
import type { Report, Task } from "./many-clients.worker.ts";

// A page has six connections to an app over HTTP/1.1, together with all other pages. The app asks for heartbeats, as it has states.

const OUTPUTS = "abcdef";

/** Makes a call with each client at once. Returns the results. */
async function callAll(clients: readonly Client[]): Promise<unknown[]> {
  return await Promise.all(
    clients.map(async (client) => {
      await client.predict("/counter", [1]);
      return await client.predict("/generate", [OUTPUTS, 0.05]);
    }),
  );
}

async function connectMany(count: number): Promise<Client[]> {
  const url = await appUrl();
  const clients: Client[] = [];
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
  while (clients.length < count) clients.push(await Client.connect(url));
  return clients;
}

test("60 clients of one page that call at once all receive their results", async () => {
  const clients = await connectMany(60);
  expect(new Set(await callAll(clients))).toEqual(new Set([OUTPUTS]));
}, 120_000);

test("calls that never end on as many clients as a browser has connections leave room for others", async () => {
  const clients = await connectMany(8);
  const endless = clients.slice(0, 2).map((client) => client.submit("/infinite", [0.05]));
  expect(new Set(await callAll(clients.slice(2)))).toEqual(new Set([OUTPUTS]));
  await Promise.all(endless.map((job) => job.cancel()));
}, 60_000);

test("the clients of three pages share the connections, and all receive their results", async () => {
  const url = await appUrl();
  const pages = Array.from({ length: 3 }, async () => {
    const worker = new Worker(new URL("many-clients.worker.ts", import.meta.url), { type: "module" });
    onTestFinished(() => worker.terminate());
    const reported = new Promise<Report>((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<Report>) => resolve(data));
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    });
    worker.postMessage({ url, clients: 4, text: OUTPUTS } satisfies Task, []);
    return await reported;
  });
  for (const { outcomes } of await Promise.all(pages))
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => OUTPUTS));
}, 120_000);
