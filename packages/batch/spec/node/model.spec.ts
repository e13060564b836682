import { join } from "node:path";
import { rmSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepOutcome } from "../came.ts";
import { keyOf } from "../model/app.ts";
import { checkPlan } from "../model/check.ts";
import { eachFault, filePlans, type Plan, plans, quiet } from "../model/plans.ts";
import type { Defect } from "../model/redis.ts";
import { makeFolder } from "../setup.ts";

// The real code of the package runs on virtual time, with BullMQ, Redis and the app in memory. Processes, Redis and copies of the app die
// at any step. A failure prints the seed, and the smallest plan that fails. To repeat it, set MODEL_SEED and MODEL_PATH to what it printed.
vi.mock("bullmq", () => import("../model/bullmq.ts"));
vi.mock("ioredis", () => import("../model/redis.ts"));
vi.mock("node:timers/promises", () => import("../model/sleep.ts"));
vi.setConfig({ testTimeout: 600_000 });

const { MODEL_SEED, MODEL_PATH, MODEL_RUNS } = process.env;
const settings = {
  seed: Number(MODEL_SEED ?? 20_260_101),
  ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
};
const runs = (number: number): number => Number(MODEL_RUNS ?? number);

const { stackTraceLimit } = Error;
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  // Many errors are made on purpose, and their stacks take most of the time.
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
  vi.useRealTimers();
});

test("in 10,000 random schedules of kills, outages and stops, each key has one record, and runs within its bound", async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => void (await checkPlan(plan))),
    { ...settings, numRuns: runs(10_000) },
  );
});

test("the same holds for a fault of each kind at every single step of a small batch", async () => {
  const plan: Plan = {
    ...quiet,
    inputs: [
      { outcomes: ["fails"], time: 30 },
      { outcomes: [], time: 30 },
    ],
  };
  const { steps } = await checkPlan(plan);
  expect(steps).toBeGreaterThan(40);
  for (const fault of eachFault)
    for (let step = 1; step <= steps; step++) {
      const broken = { ...plan, faults: [fault(step)] };
      await checkPlan(broken).catch((cause: unknown) => {
        throw new Error(`${String(cause)} The plan: ${JSON.stringify(broken)}`, { cause });
      });
    }
});

test("an input that kills its process whenever it runs is a dead letter after ten runs, and the others succeed", async () => {
  const poison = { outcomes: Array.from({ length: 30 }, () => "kills" as const), time: 30 };
  const inputs = [poison, ...Array.from({ length: 3 }, () => ({ outcomes: [], time: 30 }))];
  const folder = makeFolder();
  for (const [at, file] of [null, join(folder, "poison.sqlite")].entries()) {
    const { runs: counted, totals } = await checkPlan({ ...quiet, inputs, workers: 1 - at, concurrency: 1 }, { file });
    expect(totals).toEqual({ succeeded: 3, failed: 1 });
    expect(counted.get(keyOf(0))!.begun).toBe(10);
  }
  keepOutcome({
    fault: "input that kills its process at each run",
    holds: "dead letter after ten losses; the other inputs succeed",
    came: "10 runs, then a dead letter; 3 of 3 others succeeded (both stores, virtual time)",
  });
});

test("in 100 random schedules with a file store, each key has one record, and runs within its bound", async () => {
  const folder = makeFolder();
  await fc.assert(
    fc.asyncProperty(filePlans, async (plan) => {
      const file = join(folder, "model.sqlite");
      await checkPlan(plan, { file });
      for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
    }),
    { ...settings, numRuns: runs(100) },
  );
});

test.each<Defect>(["forgets the look-up", "records twice", "answers early"])(
  "the model notices a Redis that %s",
  async (defect) => {
    const property = fc.asyncProperty(plans, async (plan) => void (await checkPlan(plan, { defect })));
    const { failed } = await fc.check(property, { ...settings, numRuns: runs(10_000), endOnFailure: true });
    expect(failed).toBe(true);
  },
);
