import { isDeepStrictEqual } from "node:util";
import { keyOf } from "./app.ts";
import type { BatchRecord } from "../../src/records.ts";
import type { Plan } from "./plans.ts";
import { Schedule, type ScheduleOptions } from "./schedule.ts";

/** Losses after which an input is a dead letter. */
const MAX_LOSSES = 10;

/**
 * Runs a plan, and checks what has to hold for every schedule.
 *
 * @throws Error for a schedule that breaks a guarantee.
 */
export async function checkPlan(plan: Plan, options: ScheduleOptions = {}): Promise<Schedule> {
  const schedule = new Schedule(plan, options);
  await schedule.run();
  // Jobs are removed when they are done.
  if (plan.workers > 0) same("jobs that are left", [...schedule.server.data.jobs.keys()], []);
  const submits = (): number[] => Array.from(schedule.runs.values(), (runs) => runs.submits);
  const before = submits();
  const { totals, records } = await schedule.rerun();
  // A rerun runs nothing that is recorded.
  same("calls after a rerun", submits(), before);
  same("totals of a rerun", totals, schedule.totals);
  if (!options.file) checkStream(schedule);
  checkRecords(schedule, records);
  plan.inputs.forEach((_, value) => checkRuns(schedule, value, records));
  return schedule;
}

/** Checks that Redis has each key once among the records. */
function checkStream({ world, server }: Schedule): void {
  const keys = world.plan.inputs.map((_, value) => keyOf(value));
  const stream = server.stream("gradio-rx:model:batch:records");
  const stored = stream.map(([, [, json]]) => (JSON.parse(json!) as { key: string }).key);
  same("stored records", stored.toSorted(), keys);
  same("stored keys", [...server.hash("gradio-rx:model:batch:places").keys()].toSorted(), keys);
}

/** Checks that there is one record for each key, that none is lost or doubled, and that `done` agrees. */
function checkRecords({ world, totals }: Schedule, records: readonly BatchRecord[]): void {
  const keys = world.plan.inputs.map((_, value) => keyOf(value));
  same("keys of the records", records.map(({ key }) => key).toSorted(), keys);
  const failed = records.filter(({ error }) => error).length;
  same("totals of done", totals, { succeeded: keys.length - failed, failed });
}

/** Checks that a key ran at most once for each of its failures, once more, and once for each fault that struck it in flight. */
function checkRuns({ world, runs }: Schedule, value: number, records: readonly BatchRecord[]): void {
  const key = keyOf(value);
  const { attempts } = world.plan;
  const strikes = world.strikes.get(key) ?? 0;
  const { begun, failed } = runs.get(key)!;
  const { result, error } = records.find((one) => one.key === key)!;
  const counts = `${key}: ${begun} runs, ${failed} failures, ${strikes} strikes`;
  if (begun > failed + 1 + strikes) throw new Error(`Too many runs of ${counts}.`);
  if (failed > attempts + strikes) throw new Error(`Too many attempts of ${counts}.`);
  if (error && failed < attempts && strikes < MAX_LOSSES) throw new Error(`An early dead letter of ${counts}.`);
  if (!error) same(`result of ${counts}`, result, value * 2);
}

function same(name: string, got: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(got, wanted)) return;
  throw new Error(`${name}: ${JSON.stringify(got)} in place of ${JSON.stringify(wanted)}.`);
}
