import { expect, test } from "vitest";
import { connect } from "./place.ts";

test("a function returns its result", async () => {
  const client = await connect();
  expect(await client.predict("/echo", ["hello"])).toBe("hello");
});

test("a generator yields every output in order, and the last one is the result", async () => {
  const client = await connect();
  const job = client.submit("/generate", ["abc", 0.01]);
  expect(await job.result()).toBe("abc");
  expect(job.outputs()).toEqual(["a", "ab", "abc"]);
});
