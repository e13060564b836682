import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appUrl, place, platform } from "../contract/place.ts";
import { rows } from "./rows/index.ts";
import { measurePace } from "./pace.ts";
import { type Outcome, runRow, runsHere, watchEscapes } from "./run.ts";
import { keep } from "./world.ts";

watchEscapes();
const outcomes: Record<string, Outcome> = {};

// A server may take a while to start; that time does not count.
beforeAll(async () => measurePace(await appUrl()), 120_000);

afterAll(async () => {
  await keep(`${platform}-${place}`, outcomes);
});

const families = Map.groupBy(rows.filter(runsHere), ({ family }) => family);

describe.concurrent.each([...families])("%s", (_, faults) => {
  test.each(faults)("$name", async (row) => {
    const outcome = await runRow(row);
    outcomes[`${row.family}: ${row.name}`] = outcome;
    expect(outcome.faults, `${row.name}: ${outcome.outcome}`).toEqual([]);
  });
});
