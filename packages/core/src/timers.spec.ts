import { expect, onTestFinished, test, vi } from "vitest";
import { startBackgroundTimer } from "./timers.ts";

test.each([
  ["a number, as in a page", 7],
  ["an object without unref, as in some test environments", { id: 7 }],
])("a background timer is whatever setTimeout returns: %s", (_, timer) => {
  vi.stubGlobal("setTimeout", () => timer);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(startBackgroundTimer(() => undefined, 1_000)).toBe(timer);
});

test("a background timer of Node does not keep the process alive", () => {
  const unref = vi.fn<() => void>();
  vi.stubGlobal("setTimeout", () => ({ unref }));
  onTestFinished(() => void vi.unstubAllGlobals());
  startBackgroundTimer(() => undefined, 1_000);
  expect(unref).toHaveBeenCalledOnce();
});
