import { expect, test } from "vitest";
import { targets } from "./targets/index.ts";

// The inputs are the same in each run, so that a failure is caused by a change. `npm run fuzz` uses other inputs.
test.each(targets.map((target) => [target.name, target] as const))(
  "%s holds for stored inputs that failed before, and for some hundred others",
  async (_, target) => {
    expect(await target.run({ seed: 20_260_101, numRuns: target.few })).toBe(target.few);
  },
  60_000,
);
