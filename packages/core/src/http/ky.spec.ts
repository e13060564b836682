import { expect, test, vi } from "vitest";
import { RetryBudget } from "./retry.ts";

const loads = vi.hoisted(() => ({ count: 0 }));
vi.mock("ky", () => {
  loads.count++;
  throw new TypeError("Failed to fetch dynamically imported module");
});

const policy = { limit: 2, minDelay: 300, maxDelay: 8_000, budget: new RetryBudget() };

test("where ky cannot be loaded, a submission was not sent, and the error says to reload the page", async () => {
  const { sendWithKy } = await import("./ky.ts");
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
  const { sendWithKy } = await import("./ky.ts");
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
  const { sendWithKy } = await import("./ky.ts");
  const answered = Promise.withResolvers<object>();
  const { signal } = new AbortController();
  const options = { url: new URL("http://app.test/"), method: "GET", timeout: 1_000, policy, signal } as const;
  const before = loads.count;
  const early = { ...options, startsEarly: true };
  const first = sendWithKy(() => answered.promise, { ...early, headStart: 600_000 }).catch(() => "failed");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(loads.count).toBe(before);
  answered.resolve({});
  expect(await first).toBe("failed");
  expect(loads.count).toBe(before + 1);
  const pending = sendWithKy(() => new Promise<object>(() => undefined), { ...early, headStart: 20 }).catch(
    () => "failed",
  );
  expect(await pending).toBe("failed");
});
