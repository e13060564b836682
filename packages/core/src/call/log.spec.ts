import { expect, test } from "vitest";
import type { DataEvent, LogEvent, Stage, StatusEvent } from "../events.ts";
import type { OutputEdits } from "./messages.ts";
import type { Edit } from "../wire/diff.ts";
import { Log } from "./log.ts";
import { editOutputs, noOutputs } from "./outputs.ts";
import { startingEvent } from "./status.ts";

const endpoint = { endpoint: "/f", fnIndex: 0 };

function output(data: unknown, second: number, changed: DataEvent["changed"] = null): DataEvent {
  const time = new Date(second * 1_000);
  return { type: "data", ...endpoint, eventId: "e", time, data, outputs: [data], final: false, changed };
}

const message: LogEvent = {
  type: "log",
  ...endpoint,
  eventId: "e",
  time: new Date(0),
  level: "info",
  log: "",
  title: null,
  duration: null,
  visible: true,
};

function status(stage: Stage, msg = stage as string): StatusEvent {
  return { ...startingEvent(endpoint), stage, msg };
}

/** One step of a call: a whole output, or edits of the one before. */
type Step = { whole: unknown } | { edits: readonly Edit[] };

/** Appends steps to a log. Returns the events that a live reader received. */
function fill(log: Log<unknown>, steps: readonly Step[]): unknown[] {
  const heard = listen(log);
  let content = noOutputs;
  steps.forEach((step, second) => {
    if ("whole" in step) {
      content = { outputs: [step.whole], values: [step.whole] };
      log.output(output(step.whole, second), null);
    } else {
      const edits: OutputEdits = [step.edits];
      content = editOutputs(content, edits);
      const changed = step.edits.map(([, path]) => ({ output: 0, path }));
      log.output(output(content.outputs[0], second, changed), edits);
    }
  });
  return heard;
}

function listen(log: Log<unknown>): unknown[] {
  const heard: unknown[] = [];
  log.read({ event: (event) => heard.push(event), end: () => undefined });
  return heard;
}

const newLog = (keepOutputs = Infinity): Log<unknown> => new Log<unknown>(keepOutputs, () => undefined);
const append = (text: string, path: readonly (string | number)[] = []): Step => ({ edits: [["append", path, text]] });

const chat: readonly Step[] = [
  { whole: [{ role: "user", content: "hi" }] },
  { edits: [["add", [1], { role: "assistant", content: "" }]] },
  append("Hel", [1, "content"]),
  append("lo", [1, "content"]),
  { whole: "reset" },
  append("!"),
  append("?"),
];

test("late readers rebuild each output exactly as live readers received it, text inside of a chat as well", () => {
  const log = newLog();
  const heard = fill(log, chat);
  expect(heard).toHaveLength(chat.length);
  expect(listen(log)).toEqual(heard);
  expect(log.outputs()).toEqual(heard.map((event) => (event as DataEvent).data));
});

test("an output that was handed out stays as it was when later ones build on it", () => {
  const log = newLog();
  const heard = fill(log, chat.slice(0, 3));
  const late = listen(log);
  const before = JSON.stringify([heard, late]);
  log.output(output("next", 9), null);
  expect(JSON.stringify([heard.slice(0, 3), late.slice(0, 3)])).toBe(before);
});

test("with `keepOutputs` the last outputs are complete, although they were edits of forgotten ones", () => {
  for (const keep of [0, 1, 2, 3]) {
    const log = newLog(keep);
    const heard = fill(log, chat.slice(0, 4));
    expect(heard).toHaveLength(4);
    expect(listen(log)).toEqual(heard.slice(4 - keep));
  }
});

test("outputs of a run that was lost are forgotten, and later ones are complete", () => {
  const log = newLog();
  fill(log, [{ whole: "a" }, append("b")]);
  log.note(status("starting"), true);
  log.output(output("A", 2), null);
  log.output(output("AB", 3), [[["append", [], "B"]]]);
  expect(log.outputs()).toEqual(["A", "AB"]);
});

test("a reader that causes an output while it handles another one receives them in order", () => {
  const log = newLog();
  log.output(output("a", 0), null);
  const heard: unknown[] = [];
  log.read({
    event: (event) => {
      heard.push((event as DataEvent).data);
      if (heard.length === 2) log.output(output("abc", 2), [[["append", [], "c"]]]);
    },
    end: () => undefined,
  });
  log.output(output("ab", 1), [[["append", [], "b"]]]);
  expect(heard).toEqual(["a", "ab", "abc"]);
  expect(log.outputs()).toEqual(["a", "ab", "abc"]);
});

test("a reader that causes another event with an output takes it from no other reader, though none is kept", () => {
  const log = newLog(0);
  log.read({ event: (event) => event.type === "data" && log.note(message), end: () => undefined });
  const heard = listen(log);
  log.output(output("a", 0), null);
  expect(heard).toEqual([output("a", 0), message]);
  expect(log.outputs()).toEqual([]);
  expect(listen(log)).toEqual([message]);
});

test("of statuses in a row with the same stage live readers receive each, late ones the latest", () => {
  const log = newLog();
  const live = listen(log);
  const all = [status("queued", "1"), status("queued", "2"), status("processing"), status("queued", "3")];
  for (const one of all) log.note(one);
  expect(live).toEqual(all);
  expect(listen(log)).toEqual(all.slice(1));
  const last = status("queued", "4");
  log.note(message);
  log.note(last);
  expect(listen(log)).toEqual([...all.slice(1), message, last]);
});

test("a status that a reader causes while it handles one of the same stage reaches every live reader", () => {
  const [one, two] = [status("queued", "1"), status("queued", "2")];
  const log = newLog();
  log.read({ event: (event) => event === one && log.note(two), end: () => undefined });
  const behind = listen(log);
  log.note(one);
  expect(behind).toEqual([one, two]);
});

test("a long answer that no reader keeps costs what came over the wire, not the square of it", () => {
  const log = newLog();
  let content = { outputs: [["x".repeat(1_000)]] as unknown[], values: [] as readonly unknown[] };
  log.output(output(content.outputs[0], 0), null);
  for (let step = 1; step <= 2_000; step++) {
    const edits: OutputEdits = [[["append", [0], "0123456789"]]];
    content = editOutputs(content, edits);
    log.output(output(content.outputs[0], step), edits);
  }
  const late = listen(log);
  expect(late).toHaveLength(2_001);
  expect((late.at(-1) as DataEvent<string[]>).data[0]).toHaveLength(21_000);
  expect((late[1_000] as DataEvent<string[]>).data[0]).toHaveLength(11_000);
});
