import { parseArgs } from "node:util";
import { type AdapterName, adapterNames } from "./adapters/adapter.ts";
import { scenarios } from "./scenarios.ts";

/** What is wished for on the command line. */
export interface Wish {
  /** Small, one round: under two minutes. */
  quick: boolean;
  /** Ids of scenarios; `null` is all of them. */
  only: readonly string[] | null;
  /** Names of adapters; `null` is all of them. */
  adapters: readonly AdapterName[] | null;
  rounds: number | null;
  profile: boolean;
  help: boolean;
}

/** The scenario that runs in no sample. */
export const BUNDLE = "bundle";

/** The text of `--help`. */
export const HELP: string = `npm run bench -- [options]

  --quick            small and once: under two minutes; keeps nothing
  --only <ids>       some scenarios: ${[...scenarios.map(({ id }) => id), BUNDLE].join(", ")}
  --adapter <names>  some of ${adapterNames.join(", ")}
  --rounds <n>       how often, in place of what each scenario says
  --profile          say where the CPU of each sample went; the profiles stay in .cache/bench

Without --quick, --only, --adapter and --rounds the table and its plots are written to bench/results.`;

/** Reads the command line. Throws an Error with a sentence for what it does not know. */
export function readArguments(args: readonly string[]): Wish {
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
  const only = known(values.only, [...scenarios.map(({ id }) => id), BUNDLE], "scenario");
  const adapters = known(values.adapter, adapterNames, "adapter");
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds takes a whole number.");
  return { quick, profile, help, only, adapters, rounds };
}

function known<Name extends string>(given: string | undefined, names: readonly Name[], what: string): Name[] | null {
  if (given === undefined) return null;
  return given.split(",").map((name) => {
    const found = names.find((one) => one === name);
    if (found === undefined) throw new Error(`There is no ${what} "${name}". There are: ${names.join(", ")}.`);
    return found;
  });
}
