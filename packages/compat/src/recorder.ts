import type { RawEndpoint } from "@gradio-rx/core/raw";
import { read_run_history, read_run_history_storage, type StoredRun, write_run_history } from "./run-history.ts";
import { fieldsOf } from "./status.ts";
import type { Config, GradioEvent, Loose } from "./types.ts";

/** Minimum time between two writes of a streaming run, in milliseconds. */
const WRITE_INTERVAL = 500;

/** Triggers that no user has caused. */
const automatic = new Set(["load", "tick"]);

/** A call that is to be recorded. */
export interface RecordedCall {
  config: Config;
  endpoint: RawEndpoint;
  /** Endpoint as the caller named it. */
  named: string | number;
  triggerId: number | null | undefined;
  /** One value for each input of the function. */
  inputs: readonly unknown[];
}

/** Returns the bucket that runs are stored in instead of the browser; `null` for none. */
export function bucketOf(config: Config): string | null {
  const destination = read_run_history_storage(config);
  return destination.type === "bucket" ? destination.bucket_id : null;
}

/** Whether the app's documentation lists the function, and a user has started the call. */
export function isRecorded({ config, endpoint, triggerId }: RecordedCall): boolean {
  return endpoint.visibility === "public" && !isAutomatic(config, endpoint.index, triggerId);
}

function isAutomatic({ dependencies }: Config, index: number, triggerId: number | null | undefined): boolean {
  if (typeof triggerId !== "number") return false;
  let found = dependencies.find(({ id }) => id === index);
  // Chains of functions: the first one has the trigger.
  for (let steps = 0; steps < dependencies.length; steps++) {
    const { trigger_after } = fieldsOf(found);
    const before = dependencies.find(({ id }) => id === trigger_after);
    if (!before) break;
    found = before;
  }
  const triggers = (found?.targets ?? []).filter(([id]) => id === triggerId).map(([, name]) => name);
  return triggers.length > 0 && triggers.every((name) => automatic.has(name));
}

/** Keeps one run in the browser, as it proceeds. */
export class Recorder {
  readonly #config: Config;
  readonly #run: StoredRun;
  #written = -Infinity;
  #isStored = false;

  constructor({ config, endpoint, named, inputs }: RecordedCall) {
    this.#config = config;
    const dependency = config.dependencies.find(({ id }) => id === endpoint.index);
    const component = (id: number) => {
      const { type, component_class_id, props } = config.components.find((one) => one.id === id) ?? {};
      return type === undefined ? null : { type, component_class_id, props };
    };
    const isNamed = endpoint.name.startsWith("/");
    this.#run = {
      id: crypto.randomUUID(),
      endpoint: isNamed ? endpoint.name : named,
      api_name: isNamed ? endpoint.name : `Function ${endpoint.index}`,
      fn_index: endpoint.index,
      page: `${location.pathname}${location.search}`,
      inputs: plain(inputs),
      outputs: null,
      input_components: plain((dependency?.inputs ?? []).map(component)) as StoredRun["input_components"] & {},
      output_components: plain((dependency?.outputs ?? []).map(component)) as StoredRun["output_components"] & {},
      status: "running",
      started_at: new Date().toISOString(),
    };
    this.#write();
  }

  /** Takes outputs as the app sent them, states included. */
  output(outputs: readonly unknown[]): void {
    this.#run.outputs = plain(outputs);
    this.#write(WRITE_INTERVAL);
  }

  /** Takes an event of the call. */
  take(event: GradioEvent): void {
    if (event.type !== "status") return;
    const run = this.#run;
    const time = event.time ?? new Date();
    if (event.original_msg === "process_starts" && run.process_started_at === undefined) {
      run.process_started_at = time.toISOString();
      run.queued_ms = Math.max(0, time.getTime() - Date.parse(run.started_at));
    } else if (event.stage === "generating" || event.stage === "streaming") run.streamed = true;
    else if (event.stage === "complete") this.#end("completed", time, event.cache_duration);
    else if (event.stage === "error") this.fail(event.message, time);
  }

  /** Ends a run that has failed or was cancelled. */
  fail(message: unknown, time: Date = new Date()): void {
    this.#run.error = typeof message === "string" ? message : JSON.stringify(message ?? "Unknown error");
    this.#end("failed", time);
  }

  #end(status: StoredRun["status"], time: Date, cached?: unknown): void {
    const run = this.#run;
    if (run.status !== "running") return;
    run.status = status;
    run.completed_at = time.toISOString();
    const begun = Date.parse(run.process_started_at ?? run.started_at);
    const isCached = !run.streamed && typeof cached === "number" && cached >= 0;
    run.duration_ms = isCached ? cached * 1_000 : Math.max(0, time.getTime() - begun);
    this.#write();
  }

  #write(interval = 0): void {
    if (performance.now() - this.#written < interval) return;
    this.#written = performance.now();
    const others = read_run_history(this.#config);
    const at = others.findIndex(({ id }) => id === this.#run.id);
    // A run that the user has deleted stays deleted.
    if (at === -1 && this.#isStored) return;
    this.#isStored = true;
    write_run_history(this.#config, at === -1 ? [this.#run, ...others] : others.toSpliced(at, 1, this.#run));
  }
}

/** Returns a copy of a value as JSON has it. A file that has no address is described by its name. History must not break a call. */
function plain(value: unknown): Loose {
  try {
    return JSON.parse(textOf(value));
  } catch {
    return "[Unserializable value]";
  }
}

function textOf(value: unknown): string {
  const ancestors: unknown[] = [];
  return JSON.stringify(value, function (this: unknown, _, part: unknown): unknown {
    if (typeof part === "bigint") return String(part);
    if (typeof part !== "object" || part === null) return part;
    if (part instanceof Blob) return { orig_name: "name" in part ? part.name : "blob", size: part.size };
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(part)) return "[Circular]";
    ancestors.push(part);
    return part;
  });
}
