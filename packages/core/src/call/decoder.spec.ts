import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";
import { CancelledError, ConnectionError, ProtocolError } from "../errors.ts";
import { parseMessage, type WireMessage } from "../wire/messages.ts";
import { decodeMessages } from "./decoder.ts";
import type { CallEvent, CallMessage } from "./messages.ts";
import { startingEvent, terminalStatus } from "./status.ts";

const id = "e1";
const parse = (value: object): WireMessage => parseMessage(value, { diffs: true, unquote: null });
const messages: Record<string, CallMessage> = {
  a: { kind: "accepted", eventId: id, chunks: null },
  q: parse({ msg: "estimation", event_id: id, rank: 1, queue_size: 3, rank_eta: 12 }),
  s: parse({ msg: "process_starts", event_id: id, eta: null }),
  g: parse({ msg: "process_generating", event_id: id, success: true, output: { data: ["x"] } }),
  d: parse({
    msg: "process_generating",
    event_id: id,
    success: true,
    output: { data: [[["append", [], "y"]]] },
  }),
  w: parse({
    msg: "process_generating",
    event_id: id,
    success: true,
    output: { data: [[["append", ["no"], "y"]]] },
  }),
  n: parse({ msg: "process_generating", event_id: id, success: true, output: {} }),
  c: parse({ msg: "process_completed", event_id: id, success: true, output: { data: ["xy"] } }),
  x: parse({ msg: "process_completed", event_id: id, success: true, output: {} }),
  u: parse({ msg: "from the future", event_id: id }),
};

/** An event in one word. */
function word(event: CallEvent): string {
  if (event.type === "status") return event.stage;
  if (event.type === "output") return `output ${JSON.stringify(event.event.data)}`;
  return event.type === "result" ? `result ${JSON.stringify(event.data)}` : event.type;
}

/** Decodes messages given as marbles. Returns the events with their frames, and the frame in which the source was unsubscribed. */
function run(marbles: string, error?: unknown): { frames: [number, string][]; end: unknown; left: number } {
  const frames: [number, string][] = [];
  let end: unknown = "still open";
  let left = Number.NaN;
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ cold, flush }) => {
    const source = cold(marbles, messages, error);
    const target = { outputs: 1, visible: [0], mappers: [null], onRender: () => undefined, quote: String };
    const starting = startingEvent({ endpoint: "/f", fnIndex: 0 });
    source.pipe(decodeMessages(target, starting), terminalStatus(starting, new AbortController().signal)).subscribe({
      next: (event) => frames.push([scheduler.frame, word(event)]),
      error: (thrown) => (end = thrown),
      complete: () => (end = "complete"),
    });
    flush();
    left = source.subscriptions[0]!.unsubscribedFrame;
  });
  return { frames, end, left };
}

test("`starting` is emitted on subscription, and the terminal status right before the end", () => {
  const { frames, end } = run("-a-q-s-g-d-c-|");
  expect(frames).toEqual([
    [0, "starting"],
    [1, "accepted"],
    [3, "queued"],
    [5, "processing"],
    [7, "generating"],
    [7, 'output "x"'],
    [9, 'output "xy"'],
    [11, 'result "xy"'],
    [11, "complete"],
  ]);
  expect(end).toBe("complete");
});

test("a completion without outputs before it is the one final output", () => {
  expect(run("-a-s-c-|").frames.slice(-3)).toEqual([
    [5, 'output "xy"'],
    [5, 'result "xy"'],
    [5, "complete"],
  ]);
});

test("messages after the end are dropped: outputs, a second completion", () => {
  const { frames, left } = run("-a-c-g-c-|");
  expect(frames.at(-1)).toEqual([3, "complete"]);
  expect(left).toBe(3);
});

test("an estimation that comes after the start does not send the job back into the queue", () => {
  expect(run("-a-s-q-c-|").frames.map(([, name]) => name)).not.toContain("queued");
});

test("unknown messages are ignored", () => {
  expect(run("-a-u-c-|").end).toBe("complete");
});

test("a diff that does not fit, and an output without data, fail the job; outputs so far stay", () => {
  for (const marbles of ["-a-g-w-c-|", "-a-g-n-c-|"]) {
    const { frames, end } = run(marbles);
    expect(end).toBeInstanceOf(ProtocolError);
    expect(frames.slice(-2)).toEqual([
      [3, 'output "x"'],
      [5, "error"],
    ]);
  }
});

test("the app's own cancel ends in cancelled", () => {
  const { frames, end } = run("-a-s-x-|");
  expect(frames.at(-1)).toEqual([5, "cancelled"]);
  expect(end).toBeInstanceOf(CancelledError);
});

test("an error of the pipeline ends in the status `error`, and receives endpoint and event id", () => {
  const { frames, end } = run("-a-#", new ConnectionError("gone", { accepted: true }));
  expect(frames.at(-1)).toEqual([3, "error"]);
  expect(end).toMatchObject({ endpoint: "/f", eventId: id, accepted: true });
});

test("messages that stop without a completion are an error, not a result", () => {
  expect(run("-a-s-|").end).toBeInstanceOf(ProtocolError);
});

test.each([
  ["text in place of the list", { data: "junk" }],
  ["null in place of the list", { data: null }],
  ["too few values", { data: [] }],
  ["too many values", { data: [1, 2] }],
  ["no output at all", null],
])("an invalid output (%s) fails with a ProtocolError, and is neither a value nor a cancel", (_, output) => {
  messages["z"] = parse({ msg: "process_completed", event_id: id, success: true, output });
  expect(run("-a-z-|").end).toBeInstanceOf(ProtocolError);
});
