import { Client, type Job } from "#sdk";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { appUrl, errorOf, killApp, place, until } from "../../contract/place.ts";
import { generate } from "../actions.ts";
import { AT_ONCE } from "../row.ts";
import type { Outcome } from "../run.ts";
import { describeError } from "../describe-error.ts";
import { delaySince, measurePace } from "../pace.ts";
import { freeze, keep, open, stopApp } from "../world.ts";

/** Faults of whole servers, on real Gradio: one after the other on the same server. */
const APP = "mortal in faults";
const outcomes: Record<string, Outcome> = {};
// The speed of the machine, measured on another app.
beforeAll(async () => measurePace(await appUrl()), 120_000);
afterAll(async () => await keep(`node-${place}`, outcomes));

/** Makes a call during the fault and records its outcome; returns whether it is allowed. */
async function meet(fault: string, required: string[], bound: number, call: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  const outcome = await call().then(
    () => "right",
    (error: unknown) => describeError(error),
  );
  const milliseconds = Math.round(performance.now() - begun);
  const family = "server";
  outcomes[`${family}: ${fault}`] = {
    family,
    fault,
    required: required.join(", "),
    bound,
    outcome,
    milliseconds,
    faults: [],
  };
  if (milliseconds > bound + 2_500 + delaySince(begun)) return `it took ${milliseconds} ms`;
  return required.includes(outcome) ? "as it must be" : outcome;
}

async function connect(): Promise<Client> {
  const client = await Client.connect(await appUrl(APP));
  onTestFinished(() => client.close());
  return client;
}

async function running(client: Client, idleTimeout = 60_000): Promise<Job> {
  const job = client.submit("/infinite", [0.05], { idleTimeout });
  await until(() => job.outputs().length > 1);
  return job;
}

const right = async (client: Client): Promise<void> =>
  await generate(client, { app: "", proxy: undefined!, elsewhere: undefined!, texts: [] }, {});

test("a suspended server: idleTimeout ends the call, and after resuming the same client can call it", async () => {
  const client = await connect();
  const job = await running(client, 1_500);
  await freeze(APP, true);
  expect(await meet("frozen", ["TimeoutError(idle)"], 1_500 + AT_ONCE, () => job.result())).toBe("as it must be");
  expect(
    await meet("a call of the frozen one", ["TimeoutError(call)"], 1_000 + AT_ONCE, () =>
      client.predict("/echo", ["cold"], { timeout: 1_000 }),
    ),
  ).toBe("as it must be");
  await freeze(APP, false);
  expect(await meet("thawed", ["right"], 4_000, () => right(client))).toBe("as it must be");
  expect(await client.predict("/echo", ["warm"])).toBe("warm");
}, 90_000);

test("a server killed during a stream: the call is lost at once, and after a restart the same client can call it", async () => {
  const client = await connect();
  const job = await running(client);
  await killApp(APP);
  expect(await meet("killed in mid-stream", ["ConnectionError(true)"], AT_ONCE, () => job.result())).toBe(
    "as it must be",
  );
  expect(await meet("a call while no server runs", ["ConnectionError(false)"], 4_000, () => right(client))).toBe(
    "as it must be",
  );
  await appUrl(APP);
  expect(await meet("restarted on the same address", ["right"], 4_000, () => right(client))).toBe("as it must be");
}, 90_000);

test("a server restarted between calls: the next call succeeds", async () => {
  const client = await connect();
  await right(client);
  await killApp(APP);
  await appUrl(APP);
  expect(await meet("restarted while idle", ["right"], 4_000, () => right(client))).toBe("as it must be");
}, 90_000);

test("a server stopped by its owner: the call fails with a class of the SDK", async () => {
  const client = await connect();
  const job = await running(client);
  const stopping = stopApp(APP);
  expect(
    await meet("stopped politely", ["ConnectionError(true)", "SessionLostError", "AppError"], 4_000, () =>
      job.result(),
    ),
  ).toBe("as it must be");
  await stopping;
}, 90_000);

test("connections refused for longer than the retries: nothing was sent", async () => {
  const world = await open();
  onTestFinished(world.leave);
  const client = await Client.connect(world.proxy.url);
  onTestFinished(() => client.close());
  await world.proxy.refuse();
  const error = await errorOf(client.predict("/echo", ["no server"]));
  expect(describeError(error)).toBe("ConnectionError(false)");
  await world.proxy.accept();
  await right(client);
});
