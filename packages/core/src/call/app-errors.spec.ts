import { expect, test } from "vitest";
import { QuotaError } from "../errors.ts";
import { quotaError } from "./app-errors.ts";

function failure(error: string | null, title: string | null = null) {
  return quotaError({ error, title, duration: null, visible: true });
}

test("a used-up quota has all known figures, and no links", () => {
  const text =
    "You have exceeded your free GPU quota (60s requested vs. 12s left). Try again in 1:02:03 or <a href='https://x.test/join'>sign up</a>";
  const error = failure(text, "ZeroGPU quota exceeded");
  expect(error).toBeInstanceOf(QuotaError);
  expect(error).toMatchObject({
    message: "You have exceeded your free GPU quota (60s requested vs. 12s left). Try again in 1:02:03 or sign up",
    title: "ZeroGPU quota exceeded",
    requested: 60_000,
    left: 12_000,
    retryAfter: 3_723_000,
  });
});

test.each([
  ["You have exceeded your GPU quota (60s requested vs. 0s left).", null],
  ["You have exceeded your Pro GPU quota.", "Error"],
  ["The requested duration is too long", "ZeroGPU illegal duration"],
  [null, "ZeroGPU quota exceeded"],
])("%j under the title %j is one", (text, title) => {
  const error = failure(text, title);
  expect(error).toBeInstanceOf(QuotaError);
  expect(error!.message).toBe(text ?? title);
  expect(error!.retryAfter).toBeNull();
});

test.each(["You exceeded your current quota, please check your plan", "disk quota exceeded", "a < b and c > d"])(
  "%j is an error of the app like any other",
  (text) => expect(failure(text, "Error")).toBeUndefined(),
);

test("days count too", () => {
  expect(failure("Try again in 1 day, 0:00:01", "ZeroGPU quota exceeded")?.retryAfter).toBe(86_401_000);
});
