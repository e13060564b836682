import {
  AppError,
  CancelledError,
  ConnectionError,
  QueueFullError,
  SessionLostError,
  TimeoutError,
  ValidationError,
} from "@gradio-rx/client";
import { expect, test } from "vitest";
import { callError, failedStatus, statusOf } from "../../src/status.ts";

const endpoint = { slots: [0, null, 1], parameters: [{ name: "text" }, { name: "size" }] } as never;

test.each([
  ["a lost connection", new ConnectionError("lost", { accepted: true }), { message: "lost", broken: true }],
  ["a lost session", new SessionLostError("gone"), { message: "gone", broken: true, session_not_found: true }],
  ["a full queue", new QueueFullError("full"), { message: "full" }],
  ["another failure", new TypeError("bug"), { message: "bug" }],
])("the status of %s", (_, error, fields) => {
  expect(failedStatus(error, null, endpoint)).toEqual({ stage: "error", visible: true, ...fields });
});

test("an eta that the app does not know yet is null", () => {
  expect(statusOf("estimation", { rank: 1, queue_size: 2, rank_eta: null })).toEqual({
    stage: "pending",
    position: 1,
    size: 2,
    eta: null,
  });
  expect(statusOf("process_starts", { eta: 0.5 })).toEqual({ stage: "pending", position: 0, eta: 0.5 });
  expect(statusOf("process_starts", {})).toEqual({ stage: "pending", position: 0 });
});

test("the status of a failed function has the fields of the app", () => {
  const failed = { output: { title: "Refused", duration: 5, visible: false }, code: "E1" };
  expect(failedStatus(new AppError("no topic"), failed, endpoint)).toEqual({
    stage: "error",
    message: "no topic",
    title: "Refused",
    duration: 5,
    visible: false,
    success: false,
    code: "E1",
  });
});

test("the status of rejected input has one result for each input, states included", () => {
  const status = failedStatus(new ValidationError("invalid", { fieldErrors: { size: "too large" } }), null, endpoint);
  expect(status).toMatchObject({
    code: "validation_error",
    message: [
      { is_valid: true, message: "" },
      { is_valid: true, message: "" },
      { is_valid: false, message: "too large" },
    ],
  });
  expect(callError(status, null).message).toContain("too large");
});

test("an error of a call has the fields of the status and its cause", () => {
  const cause = new TimeoutError("late", { kind: "call" });
  const error = callError({ stage: "error", message: "late", broken: true }, cause);
  expect(error).toMatchObject({ message: "late", stage: "error", broken: true, cause });
  expect(callError({ stage: "error" }, new CancelledError("x")).message).toBe("The call failed.");
});
