import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AuthenticationError, ConnectionError, ProtocolError, RateLimitError, SpaceError } from "../errors.ts";
import type { SpaceStatus } from "../options.ts";
import type { SpaceRecord } from "./space.ts";
import { untilAwake } from "./wake.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const notReady = new ProtocolError("a web page, but no Gradio app");

/** A Space that follows a script; requests are counted, those to the Hub and those to the app. */
function space(script: { stage: () => string | Error | null; ready?: () => boolean; failure?: Error }) {
  const requests = { hub: 0, app: 0 };
  const told: string[] = [];
  const attempt = async (): Promise<string> => {
    requests.app++;
    if (script.ready?.() === true) return "there";
    throw script.failure ?? notReady;
  };
  const look = async (): Promise<SpaceRecord> => {
    requests.hub++;
    const stage = script.stage();
    if (stage instanceof Error) throw stage;
    return { id: "owner/name", isPrivate: false, stage, problem: null };
  };
  const run = (options: { timeout?: number; signal?: AbortSignal } = {}): Promise<string> => {
    const settings = {
      look,
      timeout: 300_000,
      signal: undefined,
      onStatus: ({ stage, status }: SpaceStatus) => void told.push(`${stage} ${status}`),
      ...options,
    };
    const found = attempt().catch((failure: unknown) => untilAwake(failure, attempt, settings));
    found.catch(() => undefined);
    return found;
  };
  return { run, requests, told };
}

test("a failure that a Space cannot cause is thrown without a request to the Hub", async () => {
  const failure = new AuthenticationError("a login is missing");
  const { run, requests } = space({ stage: () => "RUNNING", failure });
  await expect(run()).rejects.toBe(failure);
  expect(requests).toEqual({ hub: 0, app: 1 });
});

test("a Space that runs already is not reported to onStatus", async () => {
  let tries = 0;
  const { run, told } = space({ stage: () => "RUNNING", ready: () => ++tries > 1 });
  const found = run();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await found).toBe("there");
  expect(told).toEqual([]);
});

test.each([
  ["sleeps for ever", () => "SLEEPING"],
  ["is built for ever", () => "BUILDING"],
  ["is in an unknown stage", () => "DREAMING"],
  ["starts and stops repeatedly", (count: number) => (count % 2 ? "BUILDING" : "RUNNING")],
  ["the Hub no longer answers for", (count: number) => (count < 3 ? "BUILDING" : new ConnectionError("gone"))],
])(
  "a Space that %s causes at most 36 requests in its first minute, to the Hub and the app together",
  async (_, stage) => {
    let count = 0;
    const { run, requests } = space({ stage: () => stage(count++) });
    const found = run();
    await vi.advanceTimersByTimeAsync(60_000);
    // A few more go to the Hub for its address.
    expect(requests.hub + requests.app).toBeLessThanOrEqual(36);
    expect(requests.hub).toBeGreaterThan(8);
    await vi.advanceTimersByTimeAsync(250_000);
    await expect(found).rejects.toBeInstanceOf(SpaceError);
  },
);

test("only a request to the app wakes a Space: one that stays asleep receives more requests", async () => {
  const awake = space({ stage: () => "SLEEPING" });
  void awake.run();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(awake.requests.app).toBeGreaterThan(2);
  expect(awake.requests.app).toBeLessThan(awake.requests.hub);
});

test("each change of status is reported once, and the last status is running", async () => {
  const stages = ["SLEEPING", "BUILDING", "BUILDING", "APP_STARTING", "RUNNING"];
  let at = 0;
  const { run, told } = space({ stage: () => stages[Math.min(at++, 4)]!, ready: () => at > 4 });
  const found = run();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await found).toBe("there");
  expect(told).toEqual(["SLEEPING sleeping", "BUILDING building", "APP_STARTING starting", "RUNNING running"]);
});

test("a running Space without a Gradio app fails soon, with the error of the app", async () => {
  const { run, requests } = space({ stage: () => "RUNNING" });
  const found = run();
  await vi.advanceTimersByTimeAsync(3_000);
  await expect(found).rejects.toBe(notReady);
  expect(requests.app).toBe(3);
});

test("a Hub that cannot be reached does not hide the error of the app", async () => {
  const failure = new ConnectionError("503", { status: 503 });
  const { run } = space({ stage: () => new ConnectionError("no Hub"), failure });
  const found = run();
  await vi.advanceTimersByTimeAsync(3_000);
  await expect(found).rejects.toBe(failure);
});

test("after a rate limit of the Hub, no request is sent to it for the requested time", async () => {
  let busy = true;
  const limit = new RateLimitError("slow down", { retryAfter: 20_000 });
  const { run, requests } = space({ stage: () => (busy ? limit : "RUNNING"), ready: () => !busy });
  const found = run();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(requests.hub).toBe(1);
  busy = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await found).toBe("there");
});

test("after a rate limit of the app, no request is sent to it for the requested time", async () => {
  let ready = false;
  const failure = new RateLimitError("slow down", { retryAfter: 20_000 });
  const { run, requests } = space({ stage: () => "RUNNING", ready: () => ready, failure });
  const found = run();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(requests.app).toBe(1);
  ready = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await found).toBe("there");
});

test.each([
  ["PAUSED", "Client.duplicate"],
  ["NO_APP_FILE", "app.py"],
  ["CONFIG_ERROR", "README"],
  ["BUILD_ERROR", "build logs"],
  ["RUNTIME_ERROR", "container logs"],
  ["DELETING", "another Space"],
])("a Space that is %s fails at once, and the error says what can be done", async (stage, words) => {
  const { run, told, requests } = space({ stage: () => stage });
  const error: unknown = await run().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SpaceError);
  expect(error).toMatchObject({ stage, cause: notReady, message: expect.stringContaining(words) });
  expect([told.length, requests]).toEqual([1, { hub: 1, app: 1 }]);
});

test("waiting ends with its time limit, and the error says how long and in which stage", async () => {
  const found = space({ stage: () => "BUILDING" }).run({ timeout: 5_000 });
  await vi.advanceTimersByTimeAsync(4_999);
  const error = found.catch((reason: unknown) => reason);
  await vi.advanceTimersByTimeAsync(1);
  expect(await error).toBeInstanceOf(SpaceError);
  expect(await error).toMatchObject({ stage: "BUILDING", message: expect.stringMatching(/within 5 s.*spaceTimeout/) });
});

test("with a time limit of 0 there is no wait", async () => {
  const { run, requests } = space({ stage: () => "SLEEPING" });
  const found = run({ timeout: 0 });
  await vi.advanceTimersByTimeAsync(1);
  await expect(found).rejects.toMatchObject({ stage: "SLEEPING" });
  expect(requests).toEqual({ hub: 1, app: 1 });
});

test("a signal ends the waiting at once, with its reason", async () => {
  const abort = new AbortController();
  const found = space({ stage: () => "BUILDING" }).run({ signal: abort.signal });
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort("enough");
  await expect(found).rejects.toBe("enough");
  expect(vi.getTimerCount()).toBe(0);
});

test("a Space that the caller may not read fails at once with its own error", async () => {
  const { run } = space({ stage: () => new AuthenticationError("no such Space") });
  await expect(run()).rejects.toBeInstanceOf(AuthenticationError);
});
