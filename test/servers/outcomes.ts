import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the outcomes of the fault suite, one file per run. FAULTS.md is made from them. */
export const kept: string = fileURLToPath(new URL("../../.cache/faults", import.meta.url));

/** Outcomes of the faults as tests report them. */
export class Outcomes {
  readonly #runs = new Map<string, Record<string, unknown>>();

  /**
   * Stores the outcomes of one run.
   *
   * @param run - where the faults struck: the platform and the app.
   * @param outcomes - JSON: the outcome by the name of its fault.
   */
  keep(run: string, outcomes: string): void {
    const all = { ...this.#runs.get(run), ...(JSON.parse(outcomes) as Record<string, unknown>) };
    this.#runs.set(run, all);
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, `${run}.json`), JSON.stringify(all, null, 1));
  }
}
