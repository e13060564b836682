import { expect, test } from "vitest";
import { UsageError } from "../exit.ts";
import { type BatchOptions, planOf } from "./plan.ts";

const words = (app?: string, endpoint?: string, file?: string) => ({ app, endpoint, file });
const store = "batch.sqlite";
const redis = "redis://127.0.0.1";

test.each<[ReturnType<typeof words>, BatchOptions, object]>([
  [words("a", "b"), {}, { kind: "plain", app: "a", endpoint: "b", file: "-" }],
  [words("a", "b", "f"), { store, app: ["c"] }, { kind: "run", apps: ["a", "c"], store, endpoint: "b", file: "f" }],
  [words("a", "b", "f"), { store, retry: ["k"] }, { kind: "run", apps: ["a"], store, endpoint: "b", file: "f" }],
  [words("a"), { store: redis, work: true, app: ["c"] }, { kind: "work", apps: ["a", "c"], store: redis }],
  [words(), { store, status: true }, { kind: "status", store }],
  [words(), { store, retry: true }, { kind: "retry", store }],
])("%j with %j is %j", (given, options, plan) => {
  expect(planOf(given, options)).toEqual(plan);
});

test.each<[ReturnType<typeof words>, BatchOptions, string]>([
  [words("a", "b"), { app: ["c"] }, "--app needs a store"],
  [words("a", "b"), { key: "id" }, "--key needs a store"],
  [words("a", "b"), { errors: "e" }, "--errors needs a store"],
  [words("a"), { work: true }, "--work needs a store"],
  [words(), { status: true }, "--status needs a store"],
  [words("a", "b"), { retry: true }, "--retry needs a store"],
  [words("a"), {}, "A batch needs an app and an endpoint"],
  [words("a"), { store }, "A batch needs an app and an endpoint"],
  [words("a", "b"), { store, app: ["a"] }, "The app a is given twice"],
  [words("a", "b"), { store, errors: "x", output: "x" }, "--errors names the file of --output"],
  [words("a"), { store, work: true }, "--work needs a store in Redis"],
  [words(), { store: redis, work: true }, "--work needs an app"],
  [words("a", "b"), { store: redis, work: true }, "--work takes the endpoint and the inputs from the store"],
  [words("a"), { store: redis, work: true, output: "x" }, "--output does not go with --work"],
  [words("a"), { store: redis, work: true, key: "id" }, "--key does not go with --work"],
  [words("a"), { store: redis, work: true, status: true }, "--status does not go with --work"],
  [words("a"), { store, status: true }, "--status needs the store alone"],
  [words(), { store, status: true, retry: true }, "--retry does not go with --status"],
  [words(), { store, status: true, concurrency: 3 }, "--concurrency does not go with --status"],
  [words(), { store, retry: true, output: "x" }, "--output does not go with --retry"],
])("%j with %j is refused", (given, options, message) => {
  expect(() => planOf(given, options)).toThrow(UsageError);
  expect(() => planOf(given, options)).toThrow(message);
});
