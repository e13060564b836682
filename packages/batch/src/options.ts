import { type CallOptions, Client, InputError, type Logger, type NodeConnectOptions } from "@gradio-rx/node";
import type { BatchFiles } from "./files.ts";
import type { App } from "./run/member.ts";
import type { BatchInputs } from "./run/feeder.ts";
import { fileStore } from "./store/file-store.ts";
import type { Rules, Store } from "./store/store.ts";

/** One copy of the app: its URL or Space id, or that with options of `Client.connect` for this copy. */
export type BatchApp = string | ({ app: string } & NodeConnectOptions);

/** Options of a process that runs inputs. */
export interface WorkerOptions {
  /** Path of a file store, or a store. */
  store: string | Store;
  /** Copies of the app. */
  apps: BatchApp | readonly BatchApp[];
  /** Options of `Client.connect` for all copies. Default none. */
  connect?: NodeConnectOptions | undefined;
  /** Maximum number of calls of this process in flight. Default 32. */
  concurrency?: number | undefined;
  /** Maximum number of these calls that wait in the queue of one app. Default 4. */
  ahead?: number | undefined;
  /** Files of inputs and results; see {@link BatchFiles}. */
  files?: BatchFiles | undefined;
  /** Stops the batch in this process, as `stop()` does. Default none. */
  signal?: AbortSignal | undefined;
  /** Receives warnings. Default: the logger of `connect`, else none. */
  logger?: Logger | undefined;
}

/** Options of `runBatch`. Durations are in milliseconds. */
export interface BatchOptions<Input = unknown> extends WorkerOptions {
  /** API name, slash optional, or function index. Default: the only endpoint of the app. */
  endpoint?: string | number | undefined;
  /**
   * Options of each call. An endpoint with state needs `isolate: true`, which gives each input a session of its own. Callbacks and signals
   * are not passed to other processes. Default none.
   */
  call?: Omit<CallOptions, "signal" | "resubmit" | "keepOutputs"> | undefined;
  /** Data of each call, from any iterable. It is read no further than `readAhead`. */
  inputs: BatchInputs<Input>;
  /** Returns the key of an input: a text of at most 512 characters. Of inputs with one key, the first counts. Default: a hash of the input. */
  key?: ((input: Input, index: number) => string) | undefined;
  /** Maximum number of calls of this process in flight; 0: it only feeds. Default 32. */
  concurrency?: number | undefined;
  /** Maximum number of inputs that were read and are not recorded. Default 1 000. */
  readAhead?: number | undefined;
  /** Maximum number of runs that may fail by the input. Default 3. */
  attempts?: number | undefined;
  /** Wait before the second attempt. It doubles with each further one, up to 60 000. Default 1 000. */
  backoff?: number | undefined;
  /**
   * Whether a run with an unknown outcome, as after a lost connection, may be repeated. `false`: the input is a dead letter with a
   * `ConnectionError`. Default `true`.
   */
  resubmit?: boolean | undefined;
}

/** Options of a worker, checked, with their defaults. */
export interface CheckedWorker {
  store: Store;
  apps: App[];
  concurrency: number;
  ahead: number;
  files: BatchFiles;
  signal: AbortSignal | undefined;
  warn: (message: string) => void;
}

/** Options of a batch, checked, with their defaults. */
export interface CheckedBatch extends CheckedWorker {
  rules: Rules;
  inputs: BatchInputs<unknown>;
  key: ((input: never, index: number) => string) | undefined;
  readAhead: number;
}

/** Types of the options of both functions, for errors. */
const types = { runBatch: "BatchOptions", createWorker: "WorkerOptions" };

const ofWorker = ["store", "apps", "connect", "concurrency", "ahead", "files", "signal", "logger"];
const ofBatch = [...ofWorker, "endpoint", "call", "inputs", "key", "readAhead", "attempts", "backoff", "resubmit"];

/** @throws InputError for an unknown option, or an invalid value. */
export function checkWorker(options: WorkerOptions): CheckedWorker {
  checkNames("createWorker", options, ofWorker);
  return workerOf(options, 1);
}

/** @throws InputError for an unknown option, or an invalid value. */
export function checkBatch<Input>(options: BatchOptions<Input>): CheckedBatch {
  checkNames("runBatch", options, ofBatch);
  const { endpoint, call, inputs, key } = options;
  if (typeof inputs !== "object" || inputs === null || !(Symbol.iterator in inputs || Symbol.asyncIterator in inputs))
    throw wrong("inputs", "has to be an iterable or an async iterable");
  const rules: Rules = {
    endpoint: endpoint ?? null,
    call: call ?? {},
    attempts: numberOf("attempts", options.attempts, 3, 1),
    backoff: numberOf("backoff", options.backoff, 1_000, 0),
    resubmit: options.resubmit ?? true,
  };
  const readAhead = numberOf("readAhead", options.readAhead, 1_000, 1);
  return { ...workerOf(options, 0), rules, inputs, key, readAhead };
}

/** Returns a store; a text is the path of a file store. */
export function storeOf(store: string | Store): Store {
  if (typeof store === "string" && store !== "") return fileStore(store);
  if (typeof store === "object" && store !== null && typeof store.open === "function") return store;
  throw wrong("store", "has to be the path of a file, or a store made by fileStore or redisStore");
}

function workerOf(options: WorkerOptions, fewest: number): CheckedWorker {
  const logger = options.logger ?? options.connect?.logger;
  return {
    store: storeOf(options.store),
    apps: appsOf(options),
    concurrency: numberOf("concurrency", options.concurrency, 32, fewest),
    ahead: numberOf("ahead", options.ahead, 4, 1),
    files: options.files ?? {},
    signal: options.signal,
    warn: (message) => logger?.warn(message),
  };
}

function appsOf({ apps: given, connect: common }: WorkerOptions): App[] {
  const list = (Array.isArray(given) ? given : [given]) as readonly BatchApp[];
  if (list.length === 0 || given === undefined) throw wrong("apps", "has to name at least one app");
  return list.map((one) => {
    const { app, ...own } = typeof one === "string" ? { app: one } : one;
    if (typeof app !== "string") throw wrong("apps", "has to contain URLs, Space ids, or { app, …options }");
    return { app, connect: () => Client.connect(app, { ...common, ...own }) };
  });
}

function checkNames(of: "runBatch" | "createWorker", options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new InputError(`${of} takes its options as an object.`);
  const unknown = Object.entries(options).find(([name, value]) => value !== undefined && !names.includes(name));
  if (!unknown) return;
  const called = JSON.stringify(unknown[0]);
  throw new InputError(`${of} has no option ${called}. Its options are the fields of ${types[of]}.`, {
    parameter: unknown[0],
  });
}

function numberOf(name: string, value: unknown, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= least && (Number.isInteger(value) || value === Infinity)) return value;
  throw wrong(name, `has to be a whole number of at least ${least}`);
}

function wrong(name: string, problem: string): InputError {
  return new InputError(`The option ${JSON.stringify(name)} ${problem}.`, { parameter: name });
}
