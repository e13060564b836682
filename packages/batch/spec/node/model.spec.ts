import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkPlan } from "../model/check.ts";
import { plans } from "../model/plans.ts";

vi.mock("bullmq", () => import("../model/bullmq.ts"));
vi.mock("ioredis", () => import("../model/redis.ts"));
vi.mock("node:timers/promises", () => import("../model/sleep.ts"));
vi.setConfig({ testTimeout: 300_000 });

beforeAll(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] }));
afterAll(() => void vi.useRealTimers());

test("random", async () => {
  let steps = 0;
  const begun = performance.now();
  const n = Number(process.env["N"] ?? 100);
  const replay = process.env["P"] ? { seed: Number(process.env["S"]), path: process.env["P"] } : {};
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => void (steps += await checkPlan(plan))),
    { numRuns: n, ...replay },
  );
  console.log(steps / n, (performance.now() - begun) / n);
  expect(steps).toBeGreaterThan(0);
});
