import { expect, test, vi } from "vitest";
import { fetchTransport } from "../http/web-transport.ts";
import { RetryBudget } from "../http/retry.ts";
import { Secrets } from "../http/secrets.ts";
import { Http } from "../http/request.ts";
import type { Transport, Upload } from "../transport.ts";
import type { FileStream } from "./files.ts";
import { uploadFile } from "./uploads.ts";

/** Takes a form, and waits for a file that does not come. */
async function waiting({ files }: Upload): Promise<void> {
  for (const file of files) if ("stream" in file) for await (const _ of file.stream) continue;
}

const answered = (status: number, body: unknown) => async (form: Upload) => {
  waiting(form).catch(() => undefined);
  return new Response(JSON.stringify(body), { status });
};

const never = (): Promise<never> => new Promise(() => undefined);

/** Uploads that end before their file was read to its end, by name, with the expected outcome. */
const ways: Record<string, [upload: Transport["upload"], outcome: object]> = {
  "the server rejects the rest": [answered(413, { detail: "too large" }), { code: "file_too_large" }],
  "the server answers early": [answered(200, ["/tmp/file"]), { path: "/tmp/file" }],
  "the connection breaks": [
    async (form) => {
      waiting(form).catch(() => undefined);
      throw new Error("broken");
    },
    { code: "upload" },
  ],
  "it is aborted": [
    async (form) => {
      await waiting(form);
      return new Response("[]");
    },
    { name: "AbortError" },
  ],
  "it is aborted, and a fetch sends it": [
    async (form) => await fetchTransport(never).upload(form, () => undefined),
    { name: "AbortError" },
  ],
  "it is aborted, and the transport ignores the signal": [never, { name: "AbortError" }],
};

/** Streams that give one chunk and then none, and call when they are let go. */
const streams: Record<string, (letGo: () => void) => FileStream> = {
  "a stream of the web": (cancel) =>
    new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(10)), cancel, pull: never }),
  "a stream that can be destroyed": (destroy) => Object.assign(endless(), { destroy }),
};

async function* endless(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
  await never();
}

const cases = Object.keys(ways).flatMap((way) => Object.keys(streams).map((stream) => [stream, way] as const));

test.each(cases)("%s that stalls is released when %s, and the upload ends", async (kind, way) => {
  const [upload, expected] = ways[way]!;
  const letGo = vi.fn<() => void>();
  const abort = new AbortController();
  const http = new Http({
    transport: { send: never, upload },
    base: new URL("http://app.test/"),
    credentials: {},
    timeout: 30_000,
    retry: { limit: 2, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
    secrets: new Secrets(),
    limits: { event: 1_000, body: 1_000, depth: 10, pendingMessages: 1, pendingBytes: 1_000_000, logs: 1_000_000 },
    closed: abort.signal,
  });
  const file = { source: streams[kind]!(letGo), name: "a.bin", parameter: "file", mimeType: undefined };
  const app = { config: { prefix: "", maxFileSize: null } };
  const sent = uploadFile(file, { http, app }, { signal: abort.signal, onProgress: () => undefined });
  const outcome = sent.catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve));
  if (way.startsWith("it is aborted")) abort.abort();
  expect(await outcome).toMatchObject(expected);
  expect(letGo).toHaveBeenCalledOnce();
});
