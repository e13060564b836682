import { expect, test } from "vitest";
import * as all from "./errors.ts";

const { copyOf, isRetryable, ...errors } = all;
const { AppError, ConnectionError, GradioError, InputError, TimeoutError } = errors;

test("every class has its name and its code: the name without Error, in snake case", () => {
  const codes = Object.entries(errors).flatMap(([name, Class]) => {
    if (name === "GradioError") return [];
    const error = new Class("why", { kind: "call" });
    expect(error).toMatchObject({ name, message: "why" });
    expect(String(error)).toBe(`${name}: why`);
    expect(error).toBeInstanceOf(GradioError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(Class);
    return [error.code];
  });
  expect(codes.toSorted()).toEqual(
    "app authentication cancelled connection download file_too_large input protocol queue_full quota rate_limit session_lost space timeout upload validation".split(
      " ",
    ),
  );
});

test("a copy is an error of its own, with all that the first one tells", () => {
  const first = new ConnectionError("gone", { cause: 1, status: 502, accepted: true });
  const copy = copyOf(first);
  copy.endpoint = "/other";
  expect(copy).toBeInstanceOf(ConnectionError);
  expect(copy).toMatchObject({ message: "gone", cause: 1, status: 502, accepted: true });
  expect(first.endpoint).toBeUndefined();
});

test("instanceof tells the classes apart, and other errors from all of them", () => {
  expect(new AppError("x")).not.toBeInstanceOf(InputError);
  expect(new Error("x")).not.toBeInstanceOf(GradioError);
  expect({ code: "app" }).not.toBeInstanceOf(AppError);
  expect(null).not.toBeInstanceOf(GradioError);
});

test("a class that somebody derives follows the ordinary rule", () => {
  class MyError extends AppError {}
  expect(new MyError("x")).toBeInstanceOf(MyError);
  expect(new MyError("x")).toBeInstanceOf(AppError);
  expect(new AppError("x")).not.toBeInstanceOf(MyError);
});

test("an error keeps its cause, and tells what is known of it in JSON, without stack and cause", () => {
  const cause = new TypeError("socket");
  const error = new ConnectionError("gone", { cause, endpoint: "/a", eventId: "e", status: 502, accepted: true });
  expect(error.cause).toBe(cause);
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: "ConnectionError",
    code: "connection",
    message: "gone",
    endpoint: "/a",
    eventId: "e",
    status: 502,
    accepted: true,
  });
  expect("cause" in new AppError("x")).toBe(false);
  expect(JSON.parse(JSON.stringify(new TimeoutError("late", { kind: "idle" })))).toMatchObject({ kind: "idle" });
});

test("another try makes sense after a full queue, a rate limit, and a call that the app never got", () => {
  const { QueueFullError, RateLimitError } = errors;
  const retryable = [new QueueFullError(""), new RateLimitError(""), new ConnectionError("", { accepted: false })];
  expect(retryable.map(isRetryable)).toEqual([true, true, true]);
  const others = [
    new ConnectionError("", { accepted: null }),
    new ConnectionError("", { accepted: true }),
    new Error(),
  ];
  expect(others.map(isRetryable)).toEqual([false, false, false]);
});
