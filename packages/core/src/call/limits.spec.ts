import { NEVER, Observable, of, Subject, type Subscription } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WireMessage } from "../wire/messages.ts";
import { limit, type Limits, untilAborted } from "./limits.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const accepted: WireMessage = { kind: "accepted", eventId: "e" };
const queued: WireMessage = { kind: "estimation", eventId: "e", rank: 0, queueSize: 1, eta: null };
const started: WireMessage = { kind: "process_starts", eventId: "e", eta: null };

function watch(limits: Limits) {
  const source = new Subject<WireMessage>();
  const stream = { silent: false, late: false, deadline: Infinity };
  let life: number | null = null;
  let error: unknown;
  const subscription: Subscription = source
    .pipe(limit(limits, stream, () => life))
    .subscribe({ error: (thrown) => (error = thrown) });
  return {
    source,
    stream,
    subscription,
    lives: () => (life = performance.now()),
    kind: () => (error as { kind?: string } | undefined)?.kind,
    left: () => !source.observed,
  };
}

test("the limit of a call counts from its start, and leaves it when it strikes", () => {
  const call = watch({ timeout: 100 });
  vi.advanceTimersByTime(99);
  expect(call.kind()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(call.kind()).toBe("call");
  expect(call.left()).toBe(true);
});

test("the limit of the start counts from the acceptance, and a place in the queue is no start", () => {
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

test("silence counts from the last sign of life on the stream, whoever's message it was", () => {
  const call = watch({ idleTimeout: 100 });
  call.lives();
  call.source.next(accepted);
  vi.advanceTimersByTime(80);
  call.lives();
  vi.advanceTimersByTime(80);
  expect(call.kind()).toBeUndefined();
  vi.advanceTimersByTime(20);
  expect(call.kind()).toBe("idle");
  expect(call.stream.silent).toBe(true);
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

test("Infinity, and what no timer can count to, is no limit", () => {
  watch({ timeout: Infinity, startTimeout: 2 ** 40, idleTimeout: Infinity }).source.next(accepted);
  expect(vi.getTimerCount()).toBe(0);
});

test("an aborted signal ends a stream with its reason, and leaves the source at that moment", () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const abort = new AbortController();
    hot("   ---x").subscribe(() => abort.abort("why"));
    const source = cold("-a-b-c-d|");
    expectObservable(source.pipe(untilAborted(abort.signal))).toBe("-a-#", undefined, "why");
    expectSubscriptions(source.subscriptions).toBe("^--!");
  });
});

test("a signal that was aborted before lets nothing happen; none at all changes nothing", () => {
  let subscribed = false;
  const source = new Observable<never>(() => void (subscribed = true));
  let error: unknown;
  source.pipe(untilAborted(AbortSignal.abort("early"))).subscribe({ error: (thrown) => (error = thrown) });
  expect(error).toBe("early");
  expect(subscribed).toBe(false);
  expect(untilAborted(undefined)(NEVER)).toBe(NEVER);
});

test("a signal keeps no listener of a stream that has ended", () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  of(1).pipe(untilAborted(signal)).subscribe();
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  expect(added).toHaveBeenCalledTimes(1);
});
