import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import { looksTruncated, parseJson, readText } from "./body.ts";

/** An endless body, and the number of bytes that were read of it. */
function endless(): { response: Response; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += 1_000;
      controller.enqueue(new Uint8Array(1_000).fill(32));
    },
  });
  return { response: new Response(body), taken: () => taken };
}

test("an endless answer is read up to the limit", async () => {
  const { response, taken } = endless();
  await expect(readText(response, { limit: 50_000, signal: new AbortController().signal })).rejects.toBeInstanceOf(
    ProtocolError,
  );
  expect(taken()).toBeLessThan(60_000);
});

test("an abort ends the reading of a silent body with its reason, and releases the body", async () => {
  let released: unknown;
  const body = new ReadableStream<Uint8Array>({ cancel: () => void (released = true) });
  const abort = new AbortController();
  const reading = readText(new Response(body), { limit: 1_000, signal: abort.signal });
  abort.abort("enough");
  await expect(reading).rejects.toBe("enough");
  expect(released).toBe(true);
});

test("JSON that is nested too deep is rejected, and before it is parsed where parsing would exhaust the memory", () => {
  const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${"}]".repeat(levels / 2)}`;
  expect(parseJson(nested(100), 100)).toBeDefined();
  for (const levels of [102, 4_000, 4_000_000]) expect(() => parseJson(nested(levels), 100)).toThrow(ProtocolError);
  expect(() => parseJson("[".repeat(4_000_000), 100)).toThrow(ProtocolError);
});

test("JSON deeper than the stack is rejected, even if the limit allows it", () => {
  const deep = `${"[".repeat(200_000)}1${"]".repeat(200_000)}`;
  expect(() => parseJson(deep, 150_000)).toThrow(ProtocolError);
});

test("a long text, which is checked before it is parsed, may have any number of values side by side", () => {
  const wide = `[${"[],".repeat(400_000)}"]]"]`;
  expect(parseJson(wide, 2)).toHaveLength(400_001);
  expect(() => parseJson(wide, 1)).toThrow(ProtocolError);
});

test("brackets within strings, and side by side, do not count as levels", () => {
  const value = { text: '[[[[{{{{"\\[[', list: Array.from({ length: 50 }, () => [{}]) };
  expect(parseJson(JSON.stringify(value), 4)).toEqual(value);
  expect(() => parseJson(JSON.stringify(value), 3)).toThrow(ProtocolError);
});

test("JSON within the limit is parsed as by JSON.parse", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseJson(text, 6)).toEqual(JSON.parse(text));
    }),
  );
});

test("the beginning of JSON and an empty text look cut off; pages and sentences do not", () => {
  for (const text of ['{"a": 1', " [1, 2", '"te', ""]) expect(looksTruncated(text)).toBe(true);
  for (const text of ["<html>", "Internal Server Error"]) expect(looksTruncated(text)).toBe(false);
});
