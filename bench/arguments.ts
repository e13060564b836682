import { parseArgs } from "node:util";
import { type AdapterName, adapterNames } from "./adapters/adapter.ts";
import { scenarios } from "./scenarios.ts";

/** Options of the command line. */
export interface Options {
  /** Whether to run small samples in one round, in under two minutes. */
  quick: boolean;
  /** Ids of the scenarios to run; `null`: all. */
  only: readonly string[] | null;
  /** Names of the adapters to run; `null`: all. */
  adapters: readonly AdapterName[] | null;
  rounds: number | null;
  profile: boolean;
  help: boolean;
}

/** Id of the scenario that is not run as a sample. */
export const BUNDLE = "bundle";

/** Id of the costs of batches, which run only when they are named: a million inputs take many minutes. */
export const BATCH = "batch";

/** Text of `--help`. */
export const HELP: string = `npm run bench -- [options]

  --quick            run each scenario once with small settings, in under two minutes; write no results
  --only <ids>       run some scenarios: ${[...scenarios.map(({ id }) => id), BUNDLE, BATCH].join(", ")}
  --adapter <names>  run some adapters: ${adapterNames.join(", ")}
  --rounds <n>       run n rounds instead of the scenarios' own numbers
  --profile          print where each sample spent its CPU time; write the profiles to .cache/bench

"${BATCH}" runs only when it is named. It writes the costs of an input into packages/batch/README.md.

Without --quick, --only, --adapter, --rounds and --profile, the table and its plots are written to bench/results.`;

/** Parses the command line. Throws an Error for unknown options, scenarios and adapters. */
export function readArguments(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      adapter: { type: "string" },
      rounds: { type: "string" },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, profile, help } = values;
  const only = known(values.only, [...scenarios.map(({ id }) => id), BUNDLE, BATCH], "scenario");
  const adapters = known(values.adapter, adapterNames, "adapter");
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error("--rounds expects a positive integer.");
  return { quick, profile, help, only, adapters, rounds };
}

function known<Name extends string>(given: string | undefined, names: readonly Name[], what: string): Name[] | null {
  if (given === undefined) return null;
  return given.split(",").map((name) => {
    const found = names.find((one) => one === name);
    if (found === undefined) throw new Error(`Unknown ${what} "${name}"; expected one of ${names.join(", ")}.`);
    return found;
  });
}
