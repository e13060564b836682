// #region timers
import { Client, TimeoutError } from "@gradio-rx/node";
import { createApp } from "@gradio-rx/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const app = createApp({
  async *"/think"() {
    yield "Let me think";
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    yield "42";
  },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an answer after a minute", async () => {
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const answer = client.predict("/think");
  await vi.advanceTimersByTimeAsync(61_000);
  expect(await answer).toBe("42");
});

test("no output for ten seconds", async () => {
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const outcome = client.predict("/think", {}, { idleTimeout: 10_000 }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(await outcome).toBeInstanceOf(TimeoutError);
});
// #endregion timers
