import { Subject } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionError, SessionLostError, TimeoutError } from "../errors.ts";
import { SilenceClock, untilSilent } from "./silence.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A stream that is watched, and an app that answers as the test says. */
function watch() {
  const stream = new Subject<string>();
  let lastByte = performance.now();
  let error: unknown = null;
  const confirm = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const subscription = untilSilent(stream, { lastByte: () => lastByte, confirm }).subscribe({
    error: (given: unknown) => (error = given),
  });
  return {
    stream,
    confirm,
    subscription,
    byte: () => (lastByte = performance.now()),
    error: () => error,
  };
}

const minutes = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 60_000);

test("after a minute without a byte the app is asked, and while it answers the stream is waited for, for an hour", async () => {
  const { confirm, error } = watch();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(confirm).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(confirm).toHaveBeenCalledTimes(1);
  await minutes(60);
  expect(confirm).toHaveBeenCalledTimes(61);
  expect(error()).toBeNull();
});

test("the app is not asked while bytes come", async () => {
  const { confirm, byte } = watch();
  for (let count = 0; count < 20; count++) {
    await vi.advanceTimersByTimeAsync(40_000);
    byte();
  }
  expect(confirm).not.toHaveBeenCalled();
});

test.each([
  ["another app", new SessionLostError("restarted")],
  ["an app that is unreachable", new ConnectionError("refused", { accepted: false })],
])("%s ends the stream at once", async (_what, answer) => {
  const { confirm, error } = watch();
  confirm.mockRejectedValue(answer);
  await minutes(1);
  expect(error()).toBe(answer);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["no answer", new TimeoutError("no answer", { kind: "request" })],
  ["the answer of a gateway that waits no longer", new ConnectionError("timeout", { status: 504 })],
])("%s: the app is asked each minute, and given up after ten", async (_what, answer) => {
  const { confirm, error } = watch();
  confirm.mockRejectedValue(answer);
  await vi.advanceTimersByTimeAsync(599_000);
  expect(error()).toBeNull();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(confirm).toHaveBeenCalledTimes(9);
  expect(error()).toMatchObject({ name: "TimeoutError", kind: "idle" });
});

test("an answer, or a byte, begins the ten minutes anew", async () => {
  const { confirm, byte, error } = watch();
  confirm.mockRejectedValue(new TimeoutError("no answer", { kind: "request" }));
  await minutes(8);
  confirm.mockResolvedValueOnce();
  await minutes(9);
  expect(error()).toBeNull();
  byte();
  await minutes(9.5);
  expect(error()).toBeNull();
  await minutes(1);
  expect(error()).toMatchObject({ kind: "idle" });
});

test("a byte that comes while the app is asked keeps the stream, whatever the answer is", async () => {
  const { confirm, byte, error } = watch();
  let refuse!: (error: unknown) => void;
  confirm.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
  await minutes(1);
  byte();
  await vi.advanceTimersByTimeAsync(1_000);
  refuse(new ConnectionError("refused", { accepted: false }));
  await minutes(0.5);
  expect(error()).toBeNull();
});

test("a stream that ended, or was left, leaves no timer and is not asked about", async () => {
  for (const end of ["complete", "error", "unsubscribe"] as const) {
    const { stream, subscription, confirm } = watch();
    if (end === "unsubscribe") subscription.unsubscribe();
    else stream[end](undefined);
    expect(vi.getTimerCount()).toBe(0);
    await minutes(2);
    expect(confirm).not.toHaveBeenCalled();
  }
});

/** Looks until the silence has reached the limit, as the owner of a clock does. Returns the time of that look. */
function lookUntil(clock: SilenceClock, limit: number): { at: number | null } {
  const seen: { at: number | null } = { at: null };
  const look = (): void => {
    const next = clock.look(limit);
    if (next === 0) seen.at = performance.now();
    else setTimeout(look, clock.wait(next));
  };
  look();
  return seen;
}

test("time in which the process stood still is not silence, and what came meanwhile is read first", async () => {
  let lastByte = performance.now();
  const seen = lookUntil(new SilenceClock(() => lastByte), 1_500);
  await vi.advanceTimersByTimeAsync(200);
  // The process stands still: no timer fires for 3 s. Then the timers come first, and the bytes a moment later.
  const now = performance.now.bind(performance);
  const stood = 3_000;
  const still = vi.spyOn(performance, "now").mockImplementation(() => now() + stood);
  await vi.advanceTimersByTimeAsync(1_310);
  expect(seen.at).toBeNull();
  lastByte = performance.now();
  await vi.advanceTimersByTimeAsync(1_400);
  expect(seen.at).toBeNull();
  await vi.advanceTimersByTimeAsync(200);
  expect(seen.at).not.toBeNull();
  still.mockRestore();
});

test("after a standstill, silence goes on from where it was", async () => {
  const start = performance.now();
  const seen = lookUntil(new SilenceClock(() => start), 20_000);
  await vi.advanceTimersByTimeAsync(12_000);
  const now = performance.now.bind(performance);
  const still = vi.spyOn(performance, "now").mockImplementation(() => now() + 60_000);
  await vi.advanceTimersByTimeAsync(7_900);
  expect(seen.at).toBeNull();
  await vi.advanceTimersByTimeAsync(300);
  expect(seen.at).not.toBeNull();
  still.mockRestore();
});
