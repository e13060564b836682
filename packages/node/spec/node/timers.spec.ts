import { expect, onTestFinished, test, vi } from "vitest";
import { Client } from "@gradio-rx/node";
import { serveApp } from "@gradio-rx/testing";

vi.setConfig({ testTimeout: 60_000 });

test("a client for Node works where the timers are those of a page, as in Electron's renderer and in jsdom", async () => {
  const app = await serveApp({
    "/greet": (name: string) => `Hello ${name}`,
    async *"/count"() {
      yield* [1, 2, 3];
    },
  });
  onTestFinished(() => app.close());
  usePageTimers();
  const client = await Client.connect(app.url);
  expect(await client.predict("/greet", ["Ada"])).toBe("Hello Ada");
  const job = client.submit("/count");
  await job.result();
  expect(job.outputs().at(-1)).toBe(3);
  await client.close();
});

/** Replaces the global timers by those of a page: their ids are numbers, and there is no `setImmediate`. */
function usePageTimers(): void {
  const timers = new Map<number, NodeJS.Timeout>();
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  let last = 0;
  vi.stubGlobal("setTimeout", (work: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    timers.set(++last, start(work, delay, ...args));
    return last;
  });
  vi.stubGlobal("clearTimeout", (timer: unknown) => stop(timers.get(timer as number) ?? (timer as NodeJS.Timeout)));
  vi.stubGlobal("setImmediate", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
}
