import { expect, test } from "vitest";
import type { FileData } from "../data/files.ts";
import type { CallEvent } from "../events.ts";
import { FetchedOutbox } from "./fetched.ts";

const file = (path: string): FileData => ({
  path,
  url: `http://app.test/file=${path}`,
  origName: path,
  size: 1,
  mimeType: null,
  isStream: false,
});

function data(value: unknown): CallEvent {
  const at = { endpoint: "/f", fnIndex: 0, eventId: "1", time: new Date(), final: false, changed: null };
  return { type: "data", ...at, data: value, outputs: [value] };
}

/** An outbox whose files come when the test says so. */
function outbox() {
  const told: unknown[] = [];
  const failures: unknown[] = [];
  const asked = new Map<string, { come: () => void; fail: (error: unknown) => void; signal: AbortSignal }>();
  const fetch = (wanted: FileData, signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      asked.set(wanted.path, { come: () => resolve(`/local/${wanted.path}`), fail: reject, signal });
    });
  const box = new FetchedOutbox(fetch, {
    tell: (event) => told.push("data" in event ? event.data : event.type),
    fail: (error) => failures.push(error),
    onLife: () => undefined,
  });
  return { box, told, failures, asked };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("what needs no file is told at once; what comes after an output that waits, waits behind it", async () => {
  const { box, told, asked } = outbox();
  box.push(data("first"));
  expect(told).toEqual(["first"]);
  box.push(data({ picture: file("a") }));
  box.push(data("third"));
  let done = false;
  box.whenTold(() => void (done = true));
  await settled();
  expect([told, done]).toEqual([["first"], false]);
  asked.get("a")!.come();
  await settled();
  expect(told).toEqual(["first", { picture: { ...file("a"), localPath: "/local/a" } }, "third"]);
  expect(done).toBe(true);
});

test("a file that comes again is not fetched again, and a stream is not fetched at all", async () => {
  const { box, told, asked } = outbox();
  box.push(data([file("a")]));
  await settled();
  asked.get("a")!.come();
  await settled();
  asked.clear();
  box.push(data([file("a"), { ...file("s"), isStream: true }]));
  await settled();
  expect(asked.size).toBe(0);
  expect(told[1]).toEqual([
    { ...file("a"), localPath: "/local/a" },
    { ...file("s"), isStream: true },
  ]);
});

test("a file that does not come is told once, and nothing after it", async () => {
  const { box, told, failures, asked } = outbox();
  box.push(data(file("a")));
  box.push(data("after"));
  await settled();
  asked.get("a")!.fail("gone");
  await settled();
  box.drop();
  expect([told, failures]).toEqual([[], ["gone"]]);
});

test("what is dropped is given up: its files are aborted, and nothing of it is told", async () => {
  const { box, told, failures, asked } = outbox();
  box.push(data(file("a")));
  await settled();
  box.drop();
  expect(asked.get("a")!.signal.aborted).toBe(true);
  asked.get("a")!.come();
  await settled();
  expect([told, failures]).toEqual([[], []]);
});
