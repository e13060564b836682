import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionError, InputError, ProtocolError, RateLimitError, TimeoutError } from "../errors.ts";
import { statusError } from "./errors.ts";
import { RetryBudget, type RetryContext, retryDelay, type RetryPolicy, takeRetry, withRetry } from "./retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const policy = (more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  limit: 2,
  minDelay: 300,
  maxDelay: 8_000,
  budget: new RetryBudget(),
  ...more,
});
const { signal } = new AbortController();
const context = (more: Partial<RetryContext> = {}): RetryContext => ({ policy: policy(), signal, ...more });

const asking = (seconds: number): Error =>
  statusError({ status: 503, headers: new Headers({ "retry-after": String(seconds) }) }, "", new URL("http://a.test/"));

/** An attempt that fails some times, then succeeds, and the delays between its calls in milliseconds. */
function failing(times: number, error: unknown = new ConnectionError("broken")) {
  const called: number[] = [];
  const attempt = async (): Promise<string> => {
    called.push(Date.now());
    if (called.length <= times) throw error;
    return "done";
  };
  return { attempt, delays: () => called.slice(1).map((at, index) => at - called[index]!) };
}

/** The value or error of a promise, after all timers have expired. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  const outcome = promise.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return await outcome;
}

test.each([
  ["a lost connection", new ConnectionError("reset"), true],
  ["a timeout of the request", new TimeoutError("late", { kind: "request" }), true],
  ["too many requests", new RateLimitError("many", { status: 429 }), true],
  ["an unavailable server", new ConnectionError("down", { status: 503 }), true],
  ["a status that lasts", new ConnectionError("no", { status: 507 }), false],
  ["an answer that cannot be read", new ProtocolError("odd"), false],
  ["an error of the caller", new InputError("wrong"), false],
  ["a defect", new TypeError("bug"), false],
])("by default, %s is retried: %s → %s", (_, error, expected) => {
  expect(takeRetry(error, context())).toBe(expected);
});

test("no retry is taken after an abort, nor for an error that the request's own rule excludes", () => {
  const broken = new ConnectionError("broken");
  expect(takeRetry(broken, context({ signal: AbortSignal.abort() }))).toBe(false);
  expect(takeRetry(broken, context({ isRetryable: (error): error is ConnectionError => error === null }))).toBe(false);
});

test("the delay that a server asks for is the minimum; an error that asks for more than is allowed is final", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect(retryDelay(1, asking(5), context())).toBe(5_000);
  expect(retryDelay(1, asking(0), context({ minDelay: 200 }))).toBe(200);
  expect(takeRetry(asking(5), context({ maxRetryAfter: 6_000 }))).toBe(true);
  expect(takeRetry(asking(7), context({ maxRetryAfter: 6_000 }))).toBe(false);
});

test("a transient failure is repeated after random delays, whose upper bound doubles up to a limit", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { attempt, delays } = failing(4);
  const outcome = withRetry(attempt, context({ policy: policy({ limit: 5, maxDelay: 2_000 }) }));
  expect(await settled(outcome)).toBe("done");
  expect(delays()).toEqual([600, 1_200, 2_000, 2_000]);
});

test("the last error is thrown when the retries are used up, and one that is not transient at once", async () => {
  const broken = new ConnectionError("broken");
  const lasting = failing(9, broken);
  expect(await settled(withRetry(lasting.attempt, context()))).toBe(broken);
  expect(lasting.delays()).toHaveLength(2);
  const wrong = new InputError("wrong");
  const other = failing(9, wrong);
  expect(await settled(withRetry(other.attempt, context()))).toBe(wrong);
  expect(other.delays()).toEqual([]);
});

test("with a limit of 0 nothing is repeated", async () => {
  const { attempt, delays } = failing(1);
  const outcome = withRetry(attempt, context({ policy: policy({ limit: 0 }) }));
  expect(await settled(outcome)).toBeInstanceOf(ConnectionError);
  expect(delays()).toEqual([]);
});

test("all requests of a client share one budget, and successes fill it again", async () => {
  const shared = context({ policy: policy({ limit: 1 }) });
  let attempts = 0;
  const attempt = async (): Promise<never> => {
    attempts++;
    throw new ConnectionError("broken");
  };
  await settled(Promise.allSettled(Array.from({ length: 100 }, () => withRetry(attempt, shared))));
  expect(attempts).toBeGreaterThan(100);
  expect(attempts).toBeLessThan(150);
  const { attempt: once, delays } = failing(1);
  expect(await settled(withRetry(once, shared))).toBeInstanceOf(ConnectionError);
  expect(delays()).toEqual([]);
  await withRetry(async () => "fine", shared);
  expect(await settled(withRetry(failing(1).attempt, shared))).toBe("done");
});

test("an abort ends a delay with its reason, and leaves no timer", async () => {
  const abort = new AbortController();
  const { attempt } = failing(9);
  const outcome = withRetry(attempt, context({ signal: abort.signal, minDelay: 60_000 }));
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort("enough");
  await expect(outcome).rejects.toBe("enough");
  expect(vi.getTimerCount()).toBe(0);
});

test("an abort ends an attempt that ignores it", async () => {
  const abort = new AbortController();
  const outcome = withRetry(() => new Promise(() => undefined), context({ signal: abort.signal }));
  abort.abort("enough");
  await expect(outcome).rejects.toBe("enough");
  const before = withRetry(async () => "sent", context({ signal: AbortSignal.abort("before") }));
  await expect(before).rejects.toBe("before");
});
