import { Subject } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";
import { serialize } from "./listeners.ts";

test("values, the error and the completion pass as they come", () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ cold, expectObservable }) => {
    expectObservable(cold("a-b|").pipe(serialize)).toBe("a-b|");
    expectObservable(cold("a-b#").pipe(serialize)).toBe("a-b#");
  });
});

test("an event that the reader's handler causes comes when the handler has returned", () => {
  const source = new Subject<string>();
  const seen: string[] = [];
  source.pipe(serialize).subscribe({
    next: (value) => {
      seen.push(`<${value}`);
      if (value === "1") {
        source.next("2");
        source.error("end");
      }
      seen.push(`${value}>`);
    },
    error: (error) => seen.push(String(error)),
  });
  source.next("1");
  expect(seen).toEqual(["<1", "1>", "<2", "2>", "end"]);
});
