import { faultProxy, type Rule } from "@gradio-rx/testing";
import { Client } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../../contract/place.ts";

const JOBS = 200;
const OUTPUTS = 100;
const ROUNDS = 10;

/** Creates a random number generator with a fixed seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/**
 * Cuts two of the first four streams of a round at a random place. No job loses its stream three times in a row, which would
 * exceed its retries.
 */
function cuts(random: () => number): Rule[] {
  const how = ["end", "close", "reset"] as const;
  const first = 1 + Math.floor(random() * 3);
  const second = first + 1 + Math.floor(random() * (4 - first));
  return [first, second].map((nth) => ({
    method: "GET",
    path: "/queue/data",
    nth,
    fault: { breaks: { at: { byte: Math.floor(random() * 6_000_000) }, how: how[Math.floor(random() * 3)]! } },
  }));
}

test("ten times 200 jobs at once with streams cut at random: each emits its 100 outputs once and in order", async () => {
  const proxy = await faultProxy(await appUrl());
  onTestFinished(() => proxy.close());
  const client = await Client.connect(proxy.url);
  onTestFinished(() => client.close());
  const random = seeded(20);
  let attempts = 0;
  for (let round = 0; round < ROUNDS; round++) {
    proxy.clear();
    proxy.add(...cuts(random));
    const jobs = Array.from({ length: JOBS }, (_, index) =>
      client.submit<string>("/burst", [`${round}.${index}`, OUTPUTS], { resubmit: true }),
    );
    const results = await Promise.all(jobs.map((job) => job.result()));
    for (const [index, job] of jobs.entries()) {
      const expected = Array.from({ length: OUTPUTS }, (_, step) => `${round}.${index} step ${step}`);
      expect(job.outputs()).toEqual(expected);
      expect(results[index]).toBe(expected.at(-1));
      attempts = Math.max(attempts, job.status().attempt);
    }
  }
  // At least one stream was cut, and its calls were sent again.
  expect(attempts).toBeGreaterThan(1);
}, 300_000);
