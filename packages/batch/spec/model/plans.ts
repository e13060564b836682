import * as fc from "fast-check";

/** Outcome of one run at the app: `"refused"` as by a full queue, before it begins; `"kills"`: the process that sent it dies meanwhile. */
export type RunOutcome = "succeeds" | "fails" | "refused" | "kills";

/** An input of a plan, with the outcomes of its runs in their order; runs after them succeed. */
export interface PlannedInput {
  outcomes: readonly RunOutcome[];
  /** Time of a run, in milliseconds. */
  time: number;
}

/** A fault, and the step of the schedule before which it strikes. */
export type Fault = { step: number } & (
  | { kind: "kill"; target: number | "actor" }
  | { kind: "stop"; target: number; grace: number }
  | { kind: "freeze"; target: number | "actor"; time: number }
  | { kind: "stuck"; target: number }
  | { kind: "pause"; time: number }
  | { kind: "redis"; time: number; isPowerCut: boolean }
  | { kind: "copy"; copy: number; time: number }
  | { kind: "streams"; copy: number }
);

/** Everything that a schedule depends on. The same plan gives the same schedule. */
export interface Plan {
  /** Seed of the delays of commands and answers. */
  seed: number;
  inputs: readonly PlannedInput[];
  /** Number of copies of the app. */
  copies: number;
  /** Number of workers in addition to the process that feeds. */
  workers: number;
  /** Whether the process that feeds runs inputs as well. */
  feederWorks: boolean;
  concurrency: number;
  readAhead: number;
  attempts: number;
  faults: readonly Fault[];
}

/** Time for which an input is reserved for a worker in the model, in milliseconds. */
export const LEASE = 1_000;

const slot = fc.nat({ max: 3 });
const actor = fc.oneof({ weight: 3, arbitrary: fc.constant("actor" as const) }, slot);

/** Faults that strike anywhere in the first steps of a schedule. */
function faultsWithin(steps: number): fc.Arbitrary<Fault> {
  const step = fc.integer({ min: 1, max: steps });
  const record = <Kind extends Fault["kind"]>(kind: Kind) => ({ step, kind: fc.constant(kind) });
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ ...record("kill"), target: actor }) },
    { weight: 2, arbitrary: fc.record({ ...record("stop"), target: slot, grace: fc.constantFrom(0, 300, 3_000) }) },
    { weight: 1, arbitrary: fc.record({ ...record("freeze"), target: actor, time: fc.constantFrom(500, 2_500) }) },
    { weight: 1, arbitrary: fc.record({ ...record("stuck"), target: slot }) },
    { weight: 1, arbitrary: fc.record({ ...record("pause"), time: fc.constantFrom(10, 2_000) }) },
    {
      weight: 2,
      arbitrary: fc.record({ ...record("redis"), time: fc.constantFrom(20, 3_000), isPowerCut: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ ...record("copy"), copy: slot, time: fc.constantFrom(20, 2_000) }) },
    { weight: 1, arbitrary: fc.record({ ...record("streams"), copy: slot }) },
  );
}

/** A plan without faults. */
export const quiet: Plan = {
  seed: 1,
  inputs: [],
  copies: 1,
  workers: 1,
  feederWorks: true,
  concurrency: 2,
  readAhead: 1_000,
  attempts: 2,
  faults: [],
};

/** One fault of each kind, without its step. */
export const eachFault: ReadonlyArray<(step: number) => Fault> = [
  (step) => ({ step, kind: "kill", target: "actor" }),
  (step) => ({ step, kind: "kill", target: 0 }),
  (step) => ({ step, kind: "stop", target: 0, grace: 0 }),
  (step) => ({ step, kind: "stop", target: 1, grace: 300 }),
  (step) => ({ step, kind: "freeze", target: "actor", time: 2_500 }),
  (step) => ({ step, kind: "stuck", target: 1 }),
  (step) => ({ step, kind: "redis", time: 20, isPowerCut: false }),
  (step) => ({ step, kind: "redis", time: 3_000, isPowerCut: false }),
  (step) => ({ step, kind: "redis", time: 20, isPowerCut: true }),
  (step) => ({ step, kind: "copy", copy: 0, time: 500 }),
  (step) => ({ step, kind: "streams", copy: 0 }),
];

/** Random plans. A failing one is shrunk to fewer inputs, processes and faults. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.noShrink(fc.nat()),
  inputs: fc.array(
    fc.record({
      outcomes: fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.constant("succeeds" as const) },
          { weight: 3, arbitrary: fc.constant("fails" as const) },
          { weight: 1, arbitrary: fc.constant("refused" as const) },
          { weight: 1, arbitrary: fc.constant("kills" as const) },
        ),
        { maxLength: 4 },
      ),
      time: fc.constantFrom(1, 30, 400, 2_500),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  copies: fc.integer({ min: 1, max: 2 }),
  workers: fc.nat({ max: 2 }),
  feederWorks: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 4 }),
  readAhead: fc.constantFrom(2, 1_000),
  attempts: fc.integer({ min: 1, max: 3 }),
  faults: fc.array(faultsWithin(400), { maxLength: 4 }),
});

/** Random plans for a file store, which serves one process. */
export const filePlans: fc.Arbitrary<Plan> = plans.map((plan) => ({ ...plan, workers: 0, feederWorks: true }));
