import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DownloadError } from "../errors.ts";
import { RetryBudget } from "../http/retry.ts";
import { Secrets } from "../http/secrets.ts";
import { Http } from "../http/request.ts";
import type { HeaderFields } from "../transport.ts";
import { downloadOf, openFile } from "./downloads.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/**
 * A server that gives so many bytes of a file of ten with each answer, and then says nothing more; with -1 not even a head. It is
 * reached by what heeds no signal.
 */
function stalling(bytes: number, other?: (request: { headers: HeaderFields }) => Promise<Response>) {
  const asked: (string | undefined)[] = [];
  const send = async ({ headers }: { headers: HeaderFields }): Promise<Response> => {
    const { range } = headers;
    asked.push(range);
    if (bytes < 0) return await new Promise(() => undefined);
    const start = Number(/\d+/.exec(range ?? "0")![0]);
    const rest = new TextEncoder().encode("0123456789".slice(start, start + bytes));
    const body = new ReadableStream<Uint8Array>({
      start(to) {
        if (rest.length > 0) to.enqueue(rest);
        if (start + bytes >= 10) to.close();
      },
    });
    const answer = { "content-length": String(10 - start), "content-range": `bytes ${start}-9/10` };
    return new Response(body, { status: range === undefined ? 200 : 206, headers: answer });
  };
  const abort = new AbortController();
  const closed = abort.signal;
  const http = new Http({
    transport: { send: other ?? send, upload: () => Promise.reject(new Error("no uploads here")) },
    base: new URL("http://app.test/"),
    credentials: {},
    timeout: 30_000,
    retry: { limit: 2, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
    secrets: new Secrets(),
    limits: { event: 1_000, body: 1_000, depth: 10, pendingMessages: 1, pendingBytes: 1_000_000, logs: 1_000_000 },
    closed,
  });
  const read = async (): Promise<string> => {
    let text = "";
    const { chunks } = await openFile(downloadOf(http, "http://app.test/file=x", { signal: closed }));
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
    return text;
  };
  return { asked, read, abort };
}

async function soon<T>(work: Promise<T>): Promise<unknown> {
  const outcome = work.catch((error: unknown) => error);
  for (let minute = 0; minute < 10; minute++) await vi.advanceTimersByTimeAsync(61_000);
  return await outcome;
}

test("a download from a server that stops sending is resumed", async () => {
  const { asked, read } = stalling(4);
  expect(await soon(read())).toBe("0123456789");
  expect(asked).toEqual([undefined, "bytes=4-", "bytes=8-"]);
});

test("a download from a silent server fails after the retries", async () => {
  const { asked, read } = stalling(0);
  expect(await soon(read())).toBeInstanceOf(DownloadError);
  expect(asked).toHaveLength(3);
});

test.each([4, -1])("aborting a download that stalls after %d bytes ends it at once", async (bytes) => {
  const { asked, read, abort } = stalling(bytes);
  const outcome = read().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort();
  expect(await outcome).toBe(abort.signal.reason);
  expect(asked).toHaveLength(1);
});

test("a download that is cut again and again ends when a minute brought less than a byte a second", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  let parts = 0;
  const send = async ({ headers }: { headers: HeaderFields }): Promise<Response> => {
    const start = Number(/\d+/.exec(headers["range"] ?? "0")![0]);
    now += 10_000;
    parts++;
    let isSent = false;
    const body = new ReadableStream<Uint8Array>({
      pull(to) {
        if (isSent) return to.error(new Error("cut"));
        isSent = true;
        to.enqueue(new Uint8Array(1));
      },
    });
    const answer = { "content-length": String(1_000 - start), "content-range": `bytes ${start}-999/1000` };
    return new Response(body, { status: start === 0 ? 200 : 206, headers: answer });
  };
  const { read } = stalling(10, send);
  const outcome = read().catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  expect(await outcome).toBeInstanceOf(DownloadError);
  expect(parts).toBeLessThan(20);
  clock.mockRestore();
});
