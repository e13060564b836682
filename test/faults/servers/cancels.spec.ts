import { Client } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../../contract/place.ts";

const CALLS = 60;

test("of many calls that are cancelled at any moment, in the queue and while they run, the app runs none twice", async () => {
  const client = await Client.connect(await appUrl());
  onTestFinished(() => client.close());
  const calls = Array.from({ length: CALLS }, (_, index) => {
    const key = crypto.randomUUID();
    const endpoint = index % 3 === 0 ? "/watched" : "/watched_one";
    const job = client.submit(endpoint, [key, 1 + (index % 4), 0.03]);
    const cancel = setTimeout(() => void job.cancel(), Math.random() * 4_000);
    return { key, isCancelled: index % 5 > 1, job, cancel };
  });
  for (const { isCancelled, cancel } of calls) if (!isCancelled) clearTimeout(cancel);
  const outcomes = await Promise.all(
    calls.map(({ job }) =>
      job.result().then(
        () => "right",
        (error: unknown) => (error as Error).name,
      ),
    ),
  );
  expect(outcomes.filter((outcome, index) => !calls[index]!.isCancelled && outcome !== "right")).toEqual([]);
  // A run that a cancel has begun again goes on for as long as the first one.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const records = calls.map(async ({ key }) => await client.predict<{ started: number }>("/record", [key]));
  for (const { started } of await Promise.all(records)) expect(started).toBeLessThanOrEqual(1);
}, 120_000);
