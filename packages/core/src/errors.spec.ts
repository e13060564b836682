import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as all from "./errors.ts";

const { copyError, isRetryable, ...errors } = all;
const { AppError, ConnectionError, GradioError, InputError, QueueFullError, RateLimitError, TimeoutError } = errors;

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

test("a copy is an error of its own, with all details of the first one", () => {
  const first = new ConnectionError("gone", { cause: 1, status: 502, accepted: true });
  const copy = copyError(first);
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

test("instanceof of a class that an application derives uses the prototype chain", () => {
  class MyError extends AppError {}
  expect(new MyError("x")).toBeInstanceOf(MyError);
  expect(new MyError("x")).toBeInstanceOf(AppError);
  expect(new AppError("x")).not.toBeInstanceOf(MyError);
});

test("an error keeps its cause, and its JSON has its fields and its causes, without a stack", () => {
  const cause = Object.assign(new TypeError("socket"), { code: "ECONNRESET", secret: "s" });
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
    cause: { name: "TypeError", message: "socket", code: "ECONNRESET" },
  });
  expect("cause" in new AppError("x")).toBe(false);
  expect(JSON.parse(JSON.stringify(new TimeoutError("late", { kind: "idle" })))).toMatchObject({ kind: "idle" });
});

test("the JSON of an error repeats no secret of its causes, and ends where causes go in a circle", () => {
  const cause = new Error("refused: authorization: Bearer hf_abcdefghijklmnop");
  cause.cause = cause;
  const json = JSON.stringify(new ConnectionError("gone", { cause }));
  expect(json).not.toContain("hf_abcdefghijklmnop");
  expect(JSON.stringify(new AppError("x", { cause: "hf_abcdefghijklmnop" }))).not.toContain("cause");
});

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof(value, fc.constantFrom(null, undefined));
// JSON has no -0 and no Infinity.
const amount = fc.nat();

/** Details of an error; each class uses its own. */
const details = fc.record({
  endpoint: maybe(fc.string()),
  eventId: nullable(fc.string()),
  status: maybe(fc.nat()),
  title: nullable(fc.string()),
  duration: nullable(amount),
  visible: maybe(fc.boolean()),
  fieldErrors: maybe(fc.dictionary(fc.string(), fc.string())),
  parameter: maybe(fc.string()),
  kind: fc.constantFrom("call", "start", "idle", "request", "result"),
  requested: nullable(amount),
  left: nullable(amount),
  retryAfter: nullable(amount),
  stage: nullable(fc.string()),
  accepted: nullable(fc.boolean()),
});

/** An error of any class, some with a cause of any class. */
const anyError = fc.letrec<{ error: Error; plain: Error; own: Error }>((tie) => ({
  error: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("plain"), tie("own")),
  plain: fc
    .tuple(fc.string(), maybe(fc.string()), maybe(tie("error")))
    .map(([message, code, cause]) =>
      Object.assign(new TypeError(message, cause && { cause }), code === undefined ? {} : { code: `E${code}` }),
    ),
  own: fc
    .tuple(fc.constantFrom(...Object.values(errors)), fc.string(), details, maybe(tie("error")))
    .map(([Class, message, own, cause]) => new Class(message, { ...own, ...(cause && { cause }) } as never)),
}));

test("fromJSON makes of an error's JSON an error of the same class, with the same fields and causes", () => {
  fc.assert(
    fc.property(anyError.own, (error) => {
      const first = error as InstanceType<typeof GradioError>;
      const text = JSON.stringify(first);
      const again = GradioError.fromJSON(JSON.parse(text));
      expect(again).toBeInstanceOf(first.constructor);
      expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(text));
      expect(Object.keys(again).toSorted()).toEqual(Object.keys(first).toSorted());
    }),
  );
});

test("fromJSON accepts any value, and its error can be converted to JSON again", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ code: fc.string(), cause: fc.jsonValue() })), (json) => {
      const error = GradioError.fromJSON(json);
      expect(error).toBeInstanceOf(GradioError);
      expect(GradioError.fromJSON(error.toJSON()).toJSON()).toEqual(error.toJSON());
    }),
  );
  expect(GradioError.fromJSON({ code: "of_tomorrow", message: "new", status: 418 })).toMatchObject({
    name: "GradioError",
    message: "new",
    status: 418,
  });
  expect(GradioError.fromJSON({ code: "connection", message: "x", accepted: "yes" })).toMatchObject({ accepted: null });
  expect(GradioError.fromJSON(new AppError("x"))).toBeInstanceOf(AppError);
});

test("only a call that did not run is worth another attempt as it is", () => {
  const retryable = Object.entries(errors).filter(([, Class]) => isRetryable(new Class("x", { kind: "call" })));
  expect(retryable.map(([name]) => name)).toEqual(["QueueFullError", "RateLimitError"]);
  expect(isRetryable(new ConnectionError("x", { accepted: false }))).toBe(true);
  for (const accepted of [true, null]) expect(isRetryable(new ConnectionError("x", { accepted }))).toBe(false);
  for (const other of [new Error("x"), null, undefined, "queue_full"]) expect(isRetryable(other)).toBe(false);
  expect(isRetryable(GradioError.fromJSON(new QueueFullError("x").toJSON()))).toBe(true);
  expect(isRetryable(GradioError.fromJSON(new RateLimitError("x").toJSON()))).toBe(true);
});

test("control characters of an app reach no terminal and no log; only an AppError has the app's own text", () => {
  const evil = "x\u001b[2J\u001b]0;title\u0007\r\nFORGED LINE \u202e";
  // oxlint-disable-next-line no-control-regex -- these are the characters that must be gone
  const harmful = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  for (const [name, Class] of Object.entries(errors)) {
    const { message } = new Class(`The app says: ${evil}`, { kind: "call" });
    expect(harmful.test(message), name).toBe(name === "AppError");
    expect(message).toContain("FORGED LINE");
  }
});
