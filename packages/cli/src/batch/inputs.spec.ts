import type { EndpointInfo } from "@gradio-rx/node";
import { describe, expect, test } from "vitest";
import { type BatchInput, type Format, InputReader } from "./inputs.ts";

const endpoint = {
  parameters: [{ name: "count", label: "count", type: { type: "number" }, file: null, choices: null }],
} as unknown as EndpointInfo;

/** Reads a text that comes in chunks of some bytes. The memory of each chunk is used again for the next one. */
async function read(text: string, format: Format, size: number): Promise<(BatchInput & { start: number })[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer, void> {
    const chunk = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size) yield chunk.subarray(0, bytes.copy(chunk, 0, at, at + size));
  }
  const inputs: (BatchInput & { start: number })[] = [];
  for await (const input of new InputReader(format, endpoint).read(chunks())) inputs.push(input);
  return inputs;
}

describe.each([1, 7, 1_000])("a text in chunks of %d bytes", (size) => {
  test("lines of JSON: blank ones do not count, and the last one needs no newline", async () => {
    expect(await read('\uFEFF{"a":"é"}\n\n  \r\n["b"]\r\n{"c":1}', "jsonl", size)).toEqual([
      { data: { a: "é" }, place: "Line 1 of the input", start: 0 },
      { data: ["b"], place: "Line 4 of the input", start: 19 },
      { data: { c: 1 }, place: "Line 5 of the input", start: 26 },
    ]);
  });

  test("rows of CSV: a quoted cell may have newlines, and lines may end in two ways", async () => {
    const text = '\uFEFF\nname,count\r\n"a\n""b"",",1\n\n\r\né,2\r\nc,3';
    expect(await read(text, "csv", size)).toEqual([
      { data: { name: 'a\n"b",', count: 1 }, place: "Row 1 of the CSV", start: 16 },
      { data: { name: "é", count: 2 }, place: "Row 2 of the CSV", start: 32 },
      { data: { name: "c", count: 3 }, place: "Row 3 of the CSV", start: 38 },
    ]);
  });

  test.each([
    ["count\n1\n2\n3,4\n5\n", /^The CSV cannot be read: .*\(Row 3 of the CSV\)\.$/],
    ['count\n1\n"2\n3\n', /^The CSV cannot be read: .*\(Row 2 of the CSV\)\.$/],
    ["count\n1\nx\n", /^Row 2 of the CSV: count is a number/],
    ["count\r1\r2\r", /its lines end with a carriage return alone/],
  ])("%j is refused with the row that cannot be read", async (text, message) => {
    await expect(read(text, "csv", size)).rejects.toThrow(message);
  });
});
