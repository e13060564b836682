import { Client } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { prefix } from "./differences.ts";
import { appUrl, collect, platform } from "./place.ts";

/** URL of the balancer on the site of the page: over plain http browsers keep cookies of the same site only. */
async function balancedUrl(): Promise<string> {
  const url = await appUrl("balanced");
  return platform === "browser" ? url.replace("127.0.0.1", location.hostname) : url;
}

async function connect(options: object): Promise<Client> {
  const client = await Client.connect(await balancedUrl(), options);
  onTestFinished(() => client.close());
  return client;
}

test("two replicas behind a balancer that uses a cookie serve all of 200 calls", async () => {
  const client = await connect(platform === "browser" ? { credentials: "include" } : {});
  const texts = Array.from({ length: 200 }, (_, at) => `call ${at}`);
  const all = await collect(
    client.map<string>(
      "/echo",
      texts.map((text) => [text]),
    ),
  );
  expect(all.map(({ error }) => error).filter((error) => error !== undefined && error !== null)).toEqual([]);
  expect(all.toSorted((a, b) => a.index - b.index).map(({ result }) => result)).toEqual(texts);
}, 120_000);

test("a client without cookies is sent to one replica after the other", async () => {
  const url = `${await balancedUrl()}${prefix}/app_id`;
  const ids = new Set<string>();
  for (let visit = 0; visit < 2; visit++) ids.add(await (await fetch(url, { credentials: "omit" })).text());
  expect(ids.size).toBe(2);
});
