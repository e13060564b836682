import { expect, test } from "vitest";
import { chunksOf } from "./disk.ts";

async function textOf(blob: unknown): Promise<string> {
  let text = "";
  for await (const chunk of chunksOf(blob as Blob)) text += new TextDecoder().decode(chunk);
  return text;
}

const blob = new Blob(["abc"]);

test("a Blob whose stream is not async iterable is read with a reader", async () => {
  const stream = () => {
    const reader = blob.stream().getReader();
    return { getReader: () => ({ read: () => reader.read() }) };
  };
  expect(await textOf({ size: 3, type: "", arrayBuffer: () => blob.arrayBuffer(), stream })).toBe("abc");
});

test("a Blob without a stream is read whole", async () => {
  expect(await textOf({ size: 3, type: "", arrayBuffer: () => blob.arrayBuffer() })).toBe("abc");
});
