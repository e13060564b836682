import { expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "./app.ts";

test("an environment without Response, such as Jest's jsdom, is named with the environments that have it", () => {
  vi.stubGlobal("Response", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(() => createApp({ "/greet": () => "Hello" })).toThrow("jest-fixed-jsdom, @happy-dom/jest-environment or node");
});
