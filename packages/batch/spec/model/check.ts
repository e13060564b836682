import { expect } from "vitest";
import { keyOf } from "./app.ts";
import type { Plan } from "./plans.ts";
import { Schedule } from "./schedule.ts";

/** Losses after which an input is a dead letter. */
const MAX_LOSSES = 10;

/** Runs a plan, and checks what has to hold for every schedule. Returns the number of its steps. */
export async function checkPlan(plan: Plan): Promise<number> {
  const schedule = new Schedule(plan);
  await schedule.run();
  const { world, server, runs } = schedule;
  const { steps } = world;
  const keys = plan.inputs.map((_, value) => keyOf(value));

  // One record for each key, none lost, none doubled.
  const stored = server
    .stream("gradio-rx:model:batch:records")
    .map(([, [, json]]) => JSON.parse(json!) as { key: string; result?: number; error?: unknown; attempts: number });
  expect(stored.map(({ key }) => key).toSorted(), "keys of the records").toEqual(keys.toSorted());
  expect([...server.hash("gradio-rx:model:batch:places").keys()].toSorted(), "keys").toEqual(keys.toSorted());
  const failed = stored.filter(({ error }) => error).length;
  expect(schedule.totals, "done").toEqual({ succeeded: keys.length - failed, failed });

  plan.inputs.forEach((_, value) => {
    const key = keyOf(value);
    const strikes = world.strikes.get(key) ?? 0;
    const { begun, failed: failures } = runs.get(key)!;
    const record = stored.find((one) => one.key === key)!;
    const told = `${key}: ${begun} runs, ${failures} failures, ${strikes} strikes`;
    // Runs ≤ failures + 1 + kills that struck the key in flight.
    expect(begun, told).toBeLessThanOrEqual(failures + 1 + strikes);
    expect(failures, told).toBeLessThanOrEqual(plan.attempts + strikes);
    if (record.error) expect(failures >= plan.attempts || strikes >= MAX_LOSSES, told).toBe(true);
    else expect(record.result, told).toBe(value * 2);
  });

  // Jobs are removed when they are done.
  if (plan.workers > 0) expect([...server.data.jobs.keys()], "jobs that are left").toEqual([]);

  // A rerun runs nothing that is recorded, and yields each record once.
  const before = structuredClone(runs);
  const again = await schedule.rerun();
  expect(runs, "runs of a rerun").toEqual(before);
  expect(again.totals, "done of a rerun").toEqual(schedule.totals);
  expect(again.records.map((record) => (record as { key: string }).key).toSorted()).toEqual(keys.toSorted());
  return steps;
}
