import { UsageError } from "../exit.ts";
import type { CommonOptions } from "../run.ts";
import type { Format } from "./inputs.ts";

/** Options of `batch`. */
export interface BatchOptions extends CommonOptions {
  output?: string;
  concurrency?: number;
  format?: Format;
  out?: string;
  app?: readonly string[];
  store?: string;
  key?: string;
  errors?: string;
  work?: boolean;
  status?: boolean;
  /** Keys of dead letters; `true` for all of them. */
  retry?: readonly string[] | true;
}

/** Words of the command line beside the options. */
export interface BatchWords {
  app: string | undefined;
  endpoint: string | undefined;
  file: string | undefined;
}

/** A file of inputs, and the endpoint that is called for each of them. */
interface Inputs {
  endpoint: string;
  /** Path; `-` for stdin. */
  file: string;
}

/** Work that the command line asks for. */
export type Plan =
  /** Calls without a store: the output is the record. */
  | ({ kind: "plain"; app: string } & Inputs)
  /** Feeds a batch with a store, and runs it. */
  | ({ kind: "run"; apps: readonly string[]; store: string } & Inputs)
  /** Runs inputs of a batch that another process feeds. */
  | { kind: "work"; apps: readonly string[]; store: string }
  | { kind: "status" | "retry"; store: string };

const flags: Readonly<Record<string, string>> = {
  output: "--output",
  concurrency: "--concurrency",
  format: "--format",
  out: "--out",
  app: "--app",
  key: "--key",
  errors: "--errors",
  work: "--work",
  status: "--status",
  retry: "--retry",
};

/** Options that need a store. */
const ofStore = ["app", "key", "errors", "work", "status", "retry"];
/** Options of each kind of work that a store allows, beside those of all commands. */
const allowed: Readonly<Record<"run" | "work" | "status" | "retry", readonly string[]>> = {
  run: ["output", "concurrency", "format", "out", "app", "key", "errors", "retry"],
  work: ["concurrency", "out", "app", "work"],
  status: ["status"],
  retry: ["retry"],
};

/** Returns the work that the words and options ask for. Throws UsageError for a combination without a meaning. */
export function planOf(words: BatchWords, options: BatchOptions): Plan {
  const { store } = options;
  if (store === undefined) return plainPlan(words, options);
  if (options.work) return workPlan(words, options, store);
  if (options.status) return lookPlan("status", words, options, store);
  if (options.retry && words.app === undefined) return lookPlan("retry", words, options, store);
  refuseOthers("run", options);
  if (options.errors !== undefined && options.errors === options.output)
    throw new UsageError("--errors names the file of --output. Name another file, or leave out --errors.");
  const { app, ...inputs } = inputsOf(words);
  return { kind: "run", apps: copies(app, options), store, ...inputs };
}

function plainPlan(words: BatchWords, options: BatchOptions): Plan {
  const [extra] = given(options).filter((name) => ofStore.includes(name));
  if (extra !== undefined)
    throw new UsageError(
      `${flags[extra]} needs a store: add --store batch.sqlite, or --store redis://… for several processes.`,
    );
  return { kind: "plain", ...inputsOf(words) };
}

function workPlan({ app, endpoint }: BatchWords, options: BatchOptions, store: string): Plan {
  refuseOthers("work", options);
  if (endpoint !== undefined)
    throw new UsageError(
      `--work takes the endpoint and the inputs from the store: leave out ${JSON.stringify(endpoint)}.`,
    );
  if (!isRedis(store))
    throw new UsageError("A file serves one process: --work needs a store in Redis, --store redis://…");
  const apps = copies(app, options);
  if (apps.length === 0) throw new UsageError("--work needs an app: gradio-rx batch <app> --store redis://… --work");
  return { kind: "work", apps, store };
}

function lookPlan(kind: "status" | "retry", { app }: BatchWords, options: BatchOptions, store: string): Plan {
  refuseOthers(kind, options);
  if (app !== undefined) throw new UsageError(`--${kind} needs the store alone: leave out ${JSON.stringify(app)}.`);
  return { kind, store };
}

function inputsOf({ app, endpoint, file = "-" }: BatchWords): Inputs & { app: string } {
  if (app === undefined || endpoint === undefined)
    throw new UsageError("A batch needs an app and an endpoint: gradio-rx batch <app> <endpoint> [file]");
  return { app, endpoint, file };
}

function copies(app: string | undefined, { app: more = [] }: BatchOptions): string[] {
  const apps = app === undefined ? [...more] : [app, ...more];
  const twice = apps.find((one, at) => apps.indexOf(one) !== at);
  if (twice !== undefined) throw new UsageError(`The app ${twice} is given twice. Each --app is another copy.`);
  return apps;
}

/** Throws UsageError for an option that the kind of work does not have. */
function refuseOthers(kind: keyof typeof allowed, options: BatchOptions): void {
  const extra = given(options).find((name) => !allowed[kind].includes(name));
  if (extra === undefined) return;
  const reason = kind === "run" ? "needs --store" : `does not go with ${flags[kind]}`;
  throw new UsageError(`${flags[extra]} ${reason}.${kind === "retry" ? " To run a batch, name its app first." : ""}`);
}

function given(options: BatchOptions): string[] {
  const values = options as Readonly<Record<string, unknown>>;
  return Object.keys(flags).filter((name) => values[name] !== undefined && values[name] !== false);
}

/** Whether a store is in Redis. */
export function isRedis(store: string): boolean {
  return /^rediss?:\/\//i.test(store);
}
