import { expect, onTestFinished, test, vi } from "vitest";
import { startBackgroundTimer } from "./timers.ts";

test.each([
  ["a number, as in a page", () => 7],
  ["an object without unref, as in some test environments", () => ({ id: 7 })],
  ["an object with unref, as in Node", () => ({ unref: vi.fn() })],
])("a background timer is whatever setTimeout returns: %s", (_, create) => {
  const timer = create();
  vi.stubGlobal("setTimeout", () => timer);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(startBackgroundTimer(() => undefined, 1_000)).toBe(timer);
  if (typeof timer === "object" && "unref" in timer) expect(timer.unref).toHaveBeenCalledOnce();
});
