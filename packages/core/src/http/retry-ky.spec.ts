import { expect, onTestFinished, test, vi } from "vitest";
import { RetryBudget } from "./retry.ts";

vi.mock("ky", () => {
  throw new TypeError("Failed to fetch dynamically imported module");
});

const policy = { limit: 2, minDelay: 300, maxDelay: 8_000, budget: new RetryBudget() };

test("where ky cannot be loaded, a submission was not sent, and the error says to reload the page", async () => {
  const { sendWithKy } = await import("./retry.ts");
  const attempt = vi.fn<() => Promise<object>>();
  const { signal } = new AbortController();
  const options = { url: new URL("http://app.test/"), method: "POST", timeout: 1_000, policy, signal } as const;
  await expect(sendWithKy(attempt, { ...options, startsEarly: false })).rejects.toMatchObject({
    code: "connection",
    accepted: false,
    message: expect.stringContaining("Reload the page") as string,
  });
  expect(attempt).not.toHaveBeenCalled();
});

test("where ky cannot be loaded, an attempt that has started is aborted", async () => {
  const { sendWithKy } = await import("./retry.ts");
  let ended: AbortSignal | undefined;
  const attempt = (signal: AbortSignal): Promise<object> => {
    ended = signal;
    return new Promise(() => undefined);
  };
  const { signal } = new AbortController();
  const options = { url: new URL("http://app.test/"), method: "GET", timeout: 1_000, policy, signal } as const;
  await expect(sendWithKy(attempt, { ...options, startsEarly: true })).rejects.toMatchObject({ code: "connection" });
  expect(ended?.aborted).toBe(true);
});

test("ky is loaded after the head start of the request, or after its answer", async () => {
  const { sendWithKy } = await import("./retry.ts");
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { signal } = new AbortController();
  const options = { url: new URL("http://app.test/"), method: "GET", timeout: 1_000, policy, signal } as const;
  const failed = { code: "connection" };
  const answered = Promise.withResolvers<object>();
  const onEnd = vi.fn<() => void>();
  const start = (attempt: Promise<object>): Promise<object> => {
    const sent = sendWithKy(() => attempt, { ...options, startsEarly: true, headStart: 20 });
    sent.catch(onEnd);
    return sent;
  };
  const silent = start(new Promise<object>(() => undefined));
  const quick = start(answered.promise);
  // A request that needs ky at once loads it, and fails.
  await expect(sendWithKy(vi.fn<() => Promise<object>>(), { ...options, startsEarly: false })).rejects.toMatchObject(
    failed,
  );
  expect(onEnd).not.toHaveBeenCalled();
  answered.resolve({});
  await expect(quick).rejects.toMatchObject(failed);
  expect(onEnd).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(20);
  await expect(silent).rejects.toMatchObject(failed);
});
