import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hash } from "../src/key.ts";

/** Outcome of a fault, as a row of the table in the README. */
export interface BatchFault {
  fault: string;
  /** Condition that the spec asserts. */
  holds: string;
  /** Observation of the last run. */
  came: string;
}

/** Folder of the outcomes of the last run, one file for each fault. */
export const outcomes: string = fileURLToPath(new URL("../../../.cache/batch-faults", import.meta.url));

/** Keeps the outcome of a fault for the table, after everything was asserted. */
export function keepOutcome(outcome: BatchFault): void {
  mkdirSync(outcomes, { recursive: true });
  writeFileSync(join(outcomes, `${hash(outcome.fault).slice(0, 16)}.json`), JSON.stringify(outcome));
}
