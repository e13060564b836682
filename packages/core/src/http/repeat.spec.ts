import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionError, InputError } from "../errors.ts";
import { repeated, RetryBudget, type RetryPolicy } from "./repeat.ts";

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

/** Fails so often, then succeeds; tells when it was tried, in milliseconds. */
function failing(times: number, error: unknown = new ConnectionError("broken")) {
  const tried: number[] = [];
  const attempt = async (): Promise<string> => {
    tried.push(Date.now());
    if (tried.length <= times) throw error;
    return "done";
  };
  return { attempt, waits: () => tried.slice(1).map((at, index) => at - tried[index]!) };
}

/** What a promise comes to, once all timers have struck. */
async function after(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return await settled;
}

const { signal } = new AbortController();

test("what fails in passing is done again, each time after a longer random wait, and never after a longer one than the longest", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { attempt, waits } = failing(4);
  expect(await after(repeated(attempt, { retry: policy({ limit: 5, maxDelay: 2_000 }), signal }))).toBe("done");
  expect(waits()).toEqual([600, 1_200, 2_000, 2_000]);
});

test("the last failure is told when the repeats are used up, and one of another kind at once", async () => {
  const broken = new ConnectionError("broken");
  const lasting = failing(9, broken);
  expect(await after(repeated(lasting.attempt, { retry: policy(), signal }))).toBe(broken);
  expect(lasting.waits()).toHaveLength(2);
  const wrong = new InputError("wrong");
  const other = failing(9, wrong);
  expect(await after(repeated(other.attempt, { retry: policy(), signal }))).toBe(wrong);
  expect(other.waits()).toEqual([]);
});

test("what the server asks to wait is the least; what asks for too much has failed", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const patient = failing(1);
  await after(repeated(patient.attempt, { retry: policy(), signal, floor: () => 5_000, most: 6_000 }));
  expect(patient.waits()).toEqual([5_000]);
  const hasty = failing(1);
  const error = await after(repeated(hasty.attempt, { retry: policy(), signal, floor: () => 7_000, most: 6_000 }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(hasty.waits()).toEqual([]);
});

test("all that a client does draws on one budget, and successes fill it again", async () => {
  const retry = policy({ limit: 1 });
  let tries = 0;
  const attempt = async (): Promise<never> => {
    tries++;
    throw new ConnectionError("broken");
  };
  await after(Promise.allSettled(Array.from({ length: 100 }, () => repeated(attempt, { retry, signal }))));
  expect(tries).toBeGreaterThan(100);
  expect(tries).toBeLessThan(150);
  const { attempt: once, waits } = failing(1);
  expect(await after(repeated(once, { retry, signal }))).toBeInstanceOf(ConnectionError);
  expect(waits()).toEqual([]);
  await repeated(async () => "fine", { retry, signal });
  expect(await after(repeated(failing(1).attempt, { retry, signal }))).toBe("done");
});

test("an abort ends the waiting with its reason", async () => {
  const abort = new AbortController();
  const { attempt } = failing(9);
  const waiting = repeated(attempt, { retry: policy(), signal: abort.signal, floor: () => 60_000 });
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort("enough");
  await expect(waiting).rejects.toBe("enough");
  expect(vi.getTimerCount()).toBe(0);
});
