import { Observable, of, throwError } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppError, ConnectionError, QueueFullError, SessionLostError } from "../errors.ts";
import type { CallMessage } from "./messages.ts";
import { diagnoseErrors, retryCall } from "./send.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lost = new ConnectionError("lost", { accepted: true });
const output = { data: ["x"], broken: null, rendered: undefined, averageDuration: null };
const generating: CallMessage = {
  kind: "process_generating",
  eventId: "e",
  source: {},
  output,
  diffs: true,
  timeLimit: null,
};
const started: CallMessage = { kind: "process_starts", eventId: "e", source: {}, eta: null };

/** Runs that come one after the other; the last one for ever. */
function watch(
  {
    diagnose = null,
    ...options
  }: Parameters<typeof retryCall>[1] & { diagnose?: Parameters<typeof diagnoseErrors>[0] },
  ...runs: readonly Observable<CallMessage>[]
) {
  const seen: string[] = [];
  let count = 0;
  let end: unknown = null;
  const attempts: number[] = [];
  const run = (attempt: number): Observable<CallMessage> => {
    attempts.push(attempt);
    return runs[Math.min(count++, runs.length - 1)]!;
  };
  const subscription = retryCall(run, options)
    .pipe(diagnoseErrors(diagnose))
    .subscribe({
      next: ({ kind }) => seen.push(kind),
      error: (error: unknown) => (end = error),
      complete: () => (end = "complete"),
    });
  return { seen, subscription, attempts, runs: () => count, end: () => end };
}
const failing = (error: unknown, ...before: CallMessage[]): Observable<CallMessage> =>
  new Observable((subscriber) => {
    for (const message of before) subscriber.next(message);
    subscriber.error(error);
  });

test("a call with resubmit runs again after a lost connection and after a lost session, until a run ends", async () => {
  const runs = [failing(lost, started), failing(new SessionLostError("gone")), of(started)];
  const { seen, end, attempts } = watch({ resubmit: true, waitForRoom: false }, ...runs);
  await vi.runAllTimersAsync();
  expect(attempts).toEqual([1, 2, 3]);
  expect(seen).toEqual(["process_starts", "resubmitted", "resubmitted", "process_starts"]);
  expect(end()).toBe("complete");
});

test("three losses in a row without an output end the call with the last error; an output resets the count", async () => {
  const bare = watch({ resubmit: true, waitForRoom: false }, failing(lost, started));
  await vi.runAllTimersAsync();
  expect([bare.runs(), bare.end()]).toEqual([3, lost]);

  const fruitful = failing(lost, generating);
  const runs = [failing(lost), failing(lost), fruitful, failing(lost), failing(lost)];
  const mixed = watch({ resubmit: true, waitForRoom: false }, ...runs, of(started));
  await vi.runAllTimersAsync();
  expect([mixed.runs(), mixed.end()]).toEqual([5, lost]);
});

test("other errors do not cause another run, and without resubmit no error does", async () => {
  const error = new AppError("raised");
  const failed = watch({ resubmit: true, waitForRoom: true }, failing(error));
  const silent = watch({ resubmit: false, waitForRoom: false }, failing(lost));
  await vi.runAllTimersAsync();
  expect([failed.runs(), failed.end()]).toEqual([1, error]);
  expect([silent.runs(), silent.end()]).toEqual([1, lost]);
});

test("a call that waits for room joins again until the queue has room", async () => {
  const full = throwError(() => new QueueFullError("full"));
  const { seen, end, runs } = watch({ resubmit: false, waitForRoom: true }, full, full, full, full, of(started));
  await vi.runAllTimersAsync();
  expect(seen).toEqual(["queue_full", "queue_full", "queue_full", "queue_full", "process_starts"]);
  expect([runs(), end()]).toEqual([5, "complete"]);
});

test("unsubscribing between two runs prevents the next run, and leaves no timer", async () => {
  const { subscription, runs } = watch({ resubmit: true, waitForRoom: true }, failing(lost));
  subscription.unsubscribe();
  expect(vi.getTimerCount()).toBe(0);
  await vi.runAllTimersAsync();
  expect(runs()).toBe(1);
});

test("the last failure of a call is diagnosed; a failure before another run is not", async () => {
  const asked: unknown[] = [];
  const diagnose = async (error: unknown): Promise<string> => `behind ${asked.push(error)}`;
  const once = watch({ resubmit: false, waitForRoom: false, diagnose }, failing(lost, started));
  const twice = watch({ resubmit: true, waitForRoom: false, diagnose }, failing(lost), of(started));
  await vi.runAllTimersAsync();
  expect([once.end(), twice.end(), asked]).toEqual(["behind 1", "complete", [lost]]);
});
