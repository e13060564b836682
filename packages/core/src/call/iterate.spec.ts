import { expect, test } from "vitest";
import type { DataEvent, JobEvent } from "../events.ts";
import { LogIterator } from "./iterate.ts";
import { Log } from "./log.ts";

function output(data: number): DataEvent<number> {
  const base = { endpoint: "/f", fnIndex: 0, eventId: null, time: new Date() };
  return { type: "data", ...base, data, outputs: [data], final: false, changed: null };
}

function values(event: JobEvent<number>): number | undefined {
  return event.type === "data" ? event.data : undefined;
}

function start(policy: "buffer" | "latest") {
  const log = new Log<number>(Infinity, () => undefined);
  return { log, loop: new LogIterator(log, values, policy === "latest") };
}

const yes = (value: number) => ({ done: false, value });
const done = { done: true, value: undefined };

test("calls of next that wait for values are answered in order, and each value is returned once", async () => {
  const { log, loop } = start("buffer");
  const early = [loop.next(), loop.next()];
  for (const data of [1, 2, 3, 4]) log.output(output(data), null);
  expect(await Promise.all([...early, loop.next(), loop.next()])).toEqual([1, 2, 3, 4].map(yes));
  const waiting = [loop.next(), loop.next()];
  log.end({ ok: true, result: 4 });
  expect(await Promise.all([...waiting, loop.next()])).toEqual([done, done, done]);
});

test("with policy latest, a loop receives only the newest of the values of one task, whether it was waiting or not", async () => {
  const { log, loop } = start("latest");
  const waiting = loop.next();
  for (const data of [1, 2, 3]) log.output(output(data), null);
  const next = loop.next();
  expect(await waiting).toEqual(yes(3));
  for (const data of [4, 5]) log.output(output(data), null);
  expect(await next).toEqual(yes(5));
  for (const data of [6, 7]) log.output(output(data), null);
  expect(await loop.next()).toEqual(yes(7));
});

test("the error of a failed job is thrown once, after all values; then the loop is done", async () => {
  const { log, loop } = start("buffer");
  log.output(output(1), null);
  log.end({ ok: false, error: new Error("broken") });
  expect(await loop.next()).toEqual(yes(1));
  await expect(loop.next()).rejects.toThrow("broken");
  expect(await loop.next()).toEqual(done);
});

test("leaving the loop ends the waiting calls of next, and no value is received afterwards", async () => {
  const { log, loop } = start("buffer");
  const waiting = loop.next();
  await loop.return();
  log.output(output(1), null);
  log.end({ ok: false, error: new Error("broken") });
  expect(await Promise.all([waiting, loop.next()])).toEqual([done, done]);
});
