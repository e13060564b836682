import { expect, test } from "vitest";
import type { DataEvent, LogEvent } from "../events.ts";
import { Log } from "./log.ts";

function output(data: string, second: number): DataEvent<string> {
  const at = { endpoint: "/f", fnIndex: 0, eventId: "e", time: new Date(second * 1_000) };
  return { type: "data", ...at, data, outputs: [data], final: false, changed: second === 0 ? null : [] };
}

const ended: LogEvent = {
  type: "log",
  endpoint: "/f",
  fnIndex: 0,
  eventId: "e",
  time: new Date(0),
  level: "info",
  log: "",
  title: null,
  duration: null,
  visible: true,
};

/** A log of outputs, each of which may go on from the one before, and what somebody heard who listened. */
function logOf(outputs: readonly [text: string, grown: boolean][], keepOutputs = Infinity) {
  const log = new Log<string>(keepOutputs, () => undefined);
  const heard = listen(log);
  outputs.forEach(([text, grown], second) => log.append(output(text, second), false, grown));
  return { log, heard };
}

function listen(log: Log<string>): unknown[] {
  const heard: unknown[] = [];
  log.read({ event: (event) => heard.push(event), end: () => undefined });
  return heard;
}

test("of a text that grew, those who come late get each output as those who listened got it", () => {
  const { log, heard } = logOf([
    ["", false],
    ["a", true],
    ["ab", true],
    ["x", false],
    ["xy", true],
    ["xyz", true],
  ]);
  expect(heard).toHaveLength(6);
  expect(listen(log)).toEqual(heard);
  expect(log.outputs()).toEqual(["", "a", "ab", "x", "xy", "xyz"]);
});

test("what was handed out stays what it was, also when the text goes on", () => {
  const { log, heard } = logOf([
    ["a", false],
    ["ab", true],
  ]);
  const late = listen(log);
  log.append(output("abc", 2), false, true);
  expect(heard.map((event) => (event as DataEvent).data)).toEqual(["a", "ab", "abc"]);
  expect(late.map((event) => (event as DataEvent).data)).toEqual(["a", "ab", "abc"]);
});

test("a text of which only the last outputs are kept is whole all the same", () => {
  for (const keep of [0, 1, 2]) {
    const { log } = logOf(
      [
        ["a", false],
        ["ab", true],
        ["abc", true],
        ["abcd", true],
      ],
      keep,
    );
    expect(log.outputs()).toEqual(["a", "ab", "abc", "abcd"].slice(4 - keep));
  }
});

test("a run that was lost takes its text along", () => {
  const { log } = logOf([
    ["a", false],
    ["ab", true],
  ]);
  log.append(output("A", 2), true);
  log.append(output("AB", 3), false, true);
  expect(log.outputs()).toEqual(["A", "AB"]);
});

test("a reader that ends its call in the middle of a text hears what came, in order", () => {
  const log = new Log<string>(Infinity, () => undefined);
  log.append(output("a", 0));
  const heard: string[] = [];
  log.read({
    event: (event) => {
      heard.push((event as DataEvent<string>).data);
      if (heard.length === 2) log.append(output("abc", 2), false, true);
    },
    end: () => undefined,
  });
  log.append(output("ab", 1), false, true);
  expect(heard).toEqual(["a", "ab", "abc"]);
  expect(log.outputs()).toEqual(["a", "ab", "abc"]);
});

test("a reader that ends the call in the middle of an output takes it from nobody, though none is kept", () => {
  const log = new Log<string>(0, () => undefined);
  log.read({ event: (event) => event.type === "data" && log.append(ended), end: () => undefined });
  const heard = listen(log);
  log.append(output("a", 0));
  expect(heard).toEqual([output("a", 0), ended]);
  expect(log.outputs()).toEqual([]);
  expect(listen(log)).toEqual([ended]);
});
