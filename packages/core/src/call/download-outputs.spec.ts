import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { markedFiles, outputMapper } from "../data/dialect.ts";
import type { FileData } from "../data/files.ts";
import type { CallEvent } from "./messages.ts";
import { downloadOutputs } from "./download-outputs.ts";

const mapper = outputMapper(markedFiles, {
  app: { base: new URL("http://app.test/"), config: { prefix: "", root: null } },
  signature: null,
});

/** A file as the SDK makes it of an output. */
const file = (path: string, isStream = false): FileData => {
  const wired = { path, url: `http://app.test/file=${path}`, orig_name: path, size: 1, is_stream: isStream };
  return mapper.map({ ...wired, meta: { _type: "gradio.FileData" } }) as FileData;
};

function output(value: unknown): CallEvent {
  const at = { endpoint: "/f", fnIndex: 0, eventId: "1", time: new Date(), final: false, changed: null };
  return { type: "output", event: { type: "data", ...at, data: value, outputs: [value] }, edits: [] };
}

/** Outputs whose files come when the test says so. */
function watch(limits = { maxFiles: 10, maxBytes: 100 }) {
  const source = new Subject<CallEvent>();
  const seen: unknown[] = [];
  let end: unknown = null;
  const asked = new Map<string, { come: () => void; fail: (error: unknown) => void; signal: AbortSignal }>();
  const download = (wanted: FileData, { signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((resolve, reject) => {
      asked.set(wanted.path, { come: () => resolve(`/local/${wanted.path}`), fail: reject, signal });
    });
  const subscription = source.pipe(downloadOutputs({ download, ...limits }, { onBytes: () => undefined })).subscribe({
    next: (event) => seen.push(event.type === "output" ? event.event.data : event.type),
    error: (error: unknown) => (end = error),
    complete: () => (end = "complete"),
  });
  return { source, seen, asked, subscription, end: () => end };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("an output without files is emitted at once; one behind an output that waits keeps its place, and so does the end", async () => {
  const { source, seen, asked, end } = watch();
  source.next(output("first"));
  expect(seen).toEqual(["first"]);
  source.next(output({ picture: file("a") }));
  source.next(output("third"));
  source.complete();
  await settled();
  expect([seen, end()]).toEqual([["first"], null]);
  asked.get("a")!.come();
  await settled();
  expect(seen).toEqual(["first", { picture: { ...file("a"), localPath: "/local/a" } }, "third"]);
  expect(end()).toBe("complete");
});

test("a file that occurs again is not downloaded again, and a media stream is not downloaded", async () => {
  const { source, seen, asked } = watch();
  source.next(output([file("a")]));
  await settled();
  asked.get("a")!.come();
  await settled();
  asked.clear();
  source.next(output([file("a"), file("s", true)]));
  await settled();
  expect(asked.size).toBe(0);
  expect(seen[1]).toEqual([{ ...file("a"), localPath: "/local/a" }, file("s", true)]);
});

test("a failed download ends the events with its error, and no later output is emitted", async () => {
  const { source, seen, asked, end } = watch();
  source.next(output(file("a")));
  source.next(output("after"));
  await settled();
  asked.get("a")!.fail("gone");
  await settled();
  expect([seen, end()]).toEqual([[], "gone"]);
});

test("an error of the call overtakes outputs that wait for their files, and aborts the downloads", async () => {
  const { source, seen, asked, end } = watch();
  source.next(output(file("a")));
  await settled();
  source.error("lost");
  expect([seen, end()]).toEqual([[], "lost"]);
  expect(asked.get("a")!.signal.aborted).toBe(true);
});

test("unsubscribing aborts the downloads, and nothing is emitted afterwards", async () => {
  const { source, seen, asked, subscription, end } = watch();
  source.next(output(file("a")));
  await settled();
  subscription.unsubscribe();
  expect(asked.get("a")!.signal.aborted).toBe(true);
  asked.get("a")!.come();
  await settled();
  expect([seen, end()]).toEqual([[], null]);
});
