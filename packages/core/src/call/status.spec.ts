import { Subject } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";
import { CancelledError, ConnectionError } from "../errors.ts";
import { CallEnd } from "../protocol/protocol.ts";
import type { CallEvent } from "./messages.ts";
import { startingEvent, terminalStatus } from "./status.ts";

const starting = startingEvent({ endpoint: "/f", fnIndex: 3 });
const figures = { usedCache: "full" as const, cacheDuration: 5, averageDuration: 7 };
const events: Record<string, CallEvent> = {
  a: { type: "accepted", eventId: "e", chunks: null },
  q: { ...starting, stage: "queued", rank: 4, eventId: "e" },
  r: { type: "result", data: "x", figures },
};

/** The statuses, with their frames, and the end. */
function run(marbles: string, error?: unknown, signal = new AbortController().signal) {
  const seen: [number, string][] = [];
  const last: CallEvent[] = [];
  let end: unknown = "open";
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ cold }) => {
    cold(marbles, events, error)
      .pipe(terminalStatus(starting, signal))
      .subscribe({
        next: (event) => {
          last.push(event);
          seen.push([scheduler.frame, event.type === "status" ? event.stage : event.type]);
        },
        error: (thrown: unknown) => (end = thrown),
        complete: () => (end = "complete"),
      });
  });
  return { seen, last: last.at(-1), end };
}

test("`starting` comes first, and `complete` last, with the figures of the result and all that was known before", () => {
  const { seen, last, end } = run("-aqr|");
  expect(seen).toEqual([
    [0, "starting"],
    [1, "accepted"],
    [2, "queued"],
    [3, "result"],
    [4, "complete"],
  ]);
  expect(last).toMatchObject({ ...figures, success: true, rank: 4, eventId: "e" });
  expect(end).toBe("complete");
});

test("the status `error` precedes an error, which receives endpoint and event id", () => {
  const { seen, last, end } = run("-a#", new ConnectionError("gone", { accepted: true }));
  expect(seen.at(-1)).toEqual([2, "error"]);
  expect(last).toMatchObject({ success: false, msg: "gone", eventId: "e" });
  expect(end).toMatchObject({ endpoint: "/f", eventId: "e", accepted: true });
});

test("a CancelledError, and the error with which the client ended the call, count as a cancel and not as a failure", () => {
  const reason = new Error("the caller's own reason");
  const signalOf = (why: CallEnd["why"]) => AbortSignal.abort(new CallEnd(why, reason));
  expect(run("-#", new CancelledError("app")).seen.at(-1)![1]).toBe("cancelled");
  expect(run("-#", reason, signalOf("cancelled")).seen.at(-1)![1]).toBe("cancelled");
  expect(run("-#", reason, signalOf("closed")).seen.at(-1)![1]).toBe("cancelled");
  expect(run("-#", reason, signalOf("late")).seen.at(-1)![1]).toBe("error");
  expect(run("-#", new Error("other")).seen.at(-1)![1]).toBe("error");
  // The end that our side gave the call comes before what its source does.
  expect(run("-#", new Error("other"), signalOf("cancelled")).end).toBe(reason);
});

test("an abort ends the call at once: its source is unsubscribed, then the terminal status and the error come", () => {
  const source = new Subject<CallEvent>();
  const end = new AbortController();
  const seen: unknown[] = [];
  source.pipe(terminalStatus(starting, end.signal)).subscribe({
    next: (event) => seen.push(event.type === "status" ? [event.stage, source.observed] : event.type),
    error: (error: unknown) => seen.push(error),
  });
  source.next(events["a"]!);
  const reason = new Error("the caller's own reason");
  end.abort(new CallEnd("cancelled", reason));
  expect(seen).toEqual([["starting", false], "accepted", ["cancelled", false], reason]);
});
