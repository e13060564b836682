import { Subject, type Subscription } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallEnd } from "../protocol/protocol.ts";
import type { CallEvent } from "./messages.ts";
import { type Limits, limits } from "./limits.ts";
import { startingEvent } from "./status.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const accepted: CallEvent = { type: "accepted", eventId: "e", chunks: null };
const status = startingEvent({ endpoint: "/f", fnIndex: 0 });
const queued: CallEvent = { ...status, stage: "queued" };
const started: CallEvent = { ...status, stage: "processing" };

function watch(given: Limits) {
  const source = new Subject<CallEvent>();
  const end = new AbortController();
  let life: number | null = null;
  const subscription: Subscription = source.pipe(limits(given, end, () => life)).subscribe({ error: () => undefined });
  const reason = (): CallEnd | undefined => end.signal.reason as CallEnd | undefined;
  return {
    source,
    subscription,
    lives: () => (life = performance.now()),
    kind: () => (reason()?.error as { kind?: string } | undefined)?.kind,
    why: () => reason()?.why,
    message: () => (reason()?.error as Error | undefined)?.message,
  };
}

test("the time limit of a call counts from its start, and ends the call", () => {
  const call = watch({ timeout: 100 });
  vi.advanceTimersByTime(99);
  expect(call.kind()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(call.kind()).toBe("call");
  expect(call.why()).toBe("late");
});

test("startTimeout counts from the acceptance, and a position in the queue is not a start", () => {
  const call = watch({ startTimeout: 100 });
  vi.advanceTimersByTime(500);
  call.source.next(accepted);
  vi.advanceTimersByTime(60);
  call.source.next(queued);
  vi.advanceTimersByTime(60);
  expect(call.kind()).toBe("start");
  const quick = watch({ startTimeout: 100 });
  quick.source.next(accepted);
  quick.source.next(started);
  vi.advanceTimersByTime(1_000);
  expect(quick.kind()).toBeUndefined();
});

test("silence counts from the last sign of life on the stream, whichever call it belonged to", () => {
  const call = watch({ idleTimeout: 100 });
  call.lives();
  call.source.next(accepted);
  vi.advanceTimersByTime(80);
  call.lives();
  vi.advanceTimersByTime(80);
  expect(call.kind()).toBeUndefined();
  vi.advanceTimersByTime(20);
  expect(call.kind()).toBe("idle");
  expect(call.why()).toBe("idle");
});

test.each([
  ["timeout", "The call did not end within 100 ms"],
  ["startTimeout", "The app did not start the call within 100 ms"],
  ["idleTimeout", "The app's event stream was silent for 100 ms"],
])("the error of the limit %s names the option and its value", (option, event) => {
  const call = watch({ [option]: 100 });
  call.lives();
  call.source.next(accepted);
  vi.advanceTimersByTime(100);
  expect(call.message()).toBe(`${event}, the limit of the option ${option}.`);
});

test("no timer is left after the end, however it ends", () => {
  for (const end of ["complete", "error", "unsubscribe"] as const) {
    const call = watch({ timeout: 100, startTimeout: 100, idleTimeout: 100 });
    call.source.next(accepted);
    expect(vi.getTimerCount()).toBe(3);
    if (end === "unsubscribe") call.subscription.unsubscribe();
    else call.source[end](undefined);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test("Infinity, and a time longer than a timer can wait, mean no limit", () => {
  watch({ timeout: Infinity, startTimeout: 2 ** 40, idleTimeout: Infinity }).source.next(accepted);
  expect(vi.getTimerCount()).toBe(0);
});
