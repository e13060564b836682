import * as fc from "fast-check";
import { firstValueFrom, lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.ts";
import { eventStream } from "./body.ts";

const encoder = new TextEncoder();

/** A body of chunks that ends, or stays open. */
function body(pieces: readonly Uint8Array[], end = true): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (end) controller.close();
    },
  });
  return new Response(stream);
}

const read = (pieces: readonly Uint8Array[], limit = 1_000_000) =>
  lastValueFrom(eventStream({ open: async () => body(pieces), limit }).pipe(toArray()));

test("events are the same for every division of the bytes into chunks, also within a character", async () => {
  const event = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 3 });
  const ends = fc.constantFrom("\n", "\r\n");
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 5 }),
      ends,
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      async (events, end, sizes) => {
        const texts = events.map((lines) => lines.map((line) => line.replaceAll(/[\r\n]/g, " ")));
        const wire = texts
          .map((lines) => `${lines.map((line) => `data: ${line}${end}`).join("")}${end}`)
          .join(`: comment${end}`);
        const bytes = encoder.encode(wire);
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length;) pieces.push(bytes.slice(at, (at += sizes.next().value!)));
        expect(await read(pieces)).toEqual(texts.map((lines) => lines.join("\n")));
      },
    ),
  );
});

test("fields other than data are ignored, and a byte order mark is dropped", async () => {
  const wire = "\uFEFFid: 7\nretry: 1\nevent: odd\nfoo: bar\ndata:{}\n\n";
  expect(await read([encoder.encode(wire)])).toEqual(["{}"]);
});

test("an endless event is read up to the limit", async () => {
  const error = await read([encoder.encode(`data: ${"x".repeat(2_000)}`)], 1_000).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProtocolError);
});

test("unsubscribing aborts the request at once, also while no bytes arrive", async () => {
  let aborted = false;
  const open = async (signal: AbortSignal) => {
    signal.addEventListener("abort", () => (aborted = true));
    return body([encoder.encode("data: first\n\n")], false);
  };
  expect(await firstValueFrom(eventStream({ open, limit: 1_000 }))).toBe("first");
  expect(aborted).toBe(true);
});

test("each chunk of the body is reported, also that of a comment", async () => {
  let bytes = 0;
  const open = async () => body([encoder.encode(": hi\n"), encoder.encode("\n")]);
  await lastValueFrom(eventStream({ open, limit: 1_000, onBytes: () => bytes++ }).pipe(toArray()));
  expect(bytes).toBe(2);
});
