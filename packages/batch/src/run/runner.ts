import {
  type CallData,
  type CallOptions,
  CancelledError,
  ConnectionError,
  GradioError,
  InputError,
  type Job,
} from "@gradio-rx/node";
import type { Copies, Place } from "../copies/copies.ts";
import type { BatchClient } from "../copies/copy.ts";
import { verdictOf } from "../copies/verdict.ts";
import { type BatchFiles, saveFiles, withFiles } from "../files.ts";
import { toJson } from "../key.ts";
import type { StoredRecord } from "../records.ts";
import type { Handled, OpenStore, Rules, Task, Tries } from "../store/store.ts";

/** Losses of a run after which an input is a dead letter. */
const MAX_LOSSES = 10;

/** Longest wait before the next attempt, in milliseconds. */
const LONGEST_BACKOFF = 60_000;

/** Settings of a {@link Runner}. */
export interface RunnerOptions {
  store: OpenStore;
  copies: Copies;
  rules: Rules;
  files: BatchFiles;
  /** Ends the waiting for a copy. Inputs that do not run yet go back to the store. */
  ending: AbortSignal;
  /** Cancels running calls. Their inputs go back to the store. */
  signal: AbortSignal;
  /** Called after a record was kept. */
  onRecorded: (key: string) => void;
}

/** Outcome of one run: a record, another attempt later, or another run at once. */
type Outcome = { record: StoredRecord } | { tries: Tries; again: number } | "elsewhere";

/**
 * Runs tasks: asks whether the key is recorded, runs it, records it, and only then completes it in the store. So a process that dies
 * between two of these steps repeats at most the run, and never the record.
 */
export class Runner {
  readonly #options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Handles one task of the store. */
  readonly handle = async (task: Task): Promise<Handled> => {
    const { store, copies, ending } = this.#options;
    const { recorded, tries } = await store.ask(task.key);
    if (recorded) return this.#recorded(task.key);
    if (tries.losses >= MAX_LOSSES) return await this.#record(failure(task, tries, tooManyLosses(tries.losses)));
    for (;;) {
      const place = await copies.take(tries.app, ending).catch(() => null);
      if (!place) return { again: 0 };
      const outcome = await this.#run(task, tries, place);
      if (outcome === "elsewhere") continue;
      if ("record" in outcome) return await this.#record(outcome.record);
      if (outcome.tries !== tries) await store.setTries(task.key, outcome.tries);
      return { again: outcome.again };
    }
  };

  async #record(record: StoredRecord): Promise<Handled> {
    await this.#options.store.record(record);
    return this.#recorded(record.key);
  }

  #recorded(key: string): Handled {
    this.#options.onRecorded(key);
    return "recorded";
  }

  async #run(task: Task, tries: Tries, place: Place): Promise<Outcome> {
    const { copy } = place;
    const { app } = copy;
    try {
      const result = await this.#call(task, place);
      copy.works();
      const record = { key: task.key, result, attempts: tries.failures + 1, app, time: Date.now() };
      if (toJson(record) === undefined) throw new InputError(`The result of ${task.key} cannot be stored as JSON.`);
      return { record };
    } catch (error) {
      if (this.#options.signal.aborted) return { tries, again: 0 };
      return this.#afterError(task, tries, place, error);
    } finally {
      place.end();
    }
  }

  #afterError(task: Task, tries: Tries, { copy }: Place, error: unknown): Outcome {
    const { attempts, backoff, resubmit } = this.#options.rules;
    const { app } = copy;
    const verdict = verdictOf(error);
    if (verdict.kind === "out" || (verdict.kind === "dead" && !copy.endpoint())) {
      copy.out(error);
      return "elsewhere";
    }
    if (verdict.kind === "dead") return { record: failure(task, { ...tries, app }, error) };
    if (verdict.kind === "rest") {
      copy.rest(verdict, error);
      return "elsewhere";
    }
    if (verdict.kind === "lost") {
      copy.rest(verdict, error);
      const losses = tries.losses + 1;
      if (!resubmit) return { record: failure(task, { ...tries, app }, unknownOutcome(error)) };
      if (losses >= MAX_LOSSES) return { record: failure(task, { ...tries, app }, error) };
      return { tries: { ...tries, losses }, again: 0 };
    }
    copy.works();
    const failures = tries.failures + 1;
    if (failures >= attempts) return { record: failure(task, { ...tries, failures, app }, error) };
    const again = Math.min(LONGEST_BACKOFF, backoff * 2 ** (failures - 1));
    return { tries: { ...tries, failures, app }, again };
  }

  /** Makes the call at a copy, and saves the files of its result. */
  async #call(task: Task, place: Place): Promise<unknown> {
    const { rules, files, signal } = this.#options;
    const data = (await withFiles(task.input, files.from)) as CallData;
    const { client } = place.copy;
    if (!client) throw new ConnectionError("The copy of the app was closed.", { accepted: false });
    const { isolate, ...call } = rules.call as CallOptions;
    const needsSession = place.copy.endpoint()?.stateful === true;
    // A call with state that is isolated has a session of its own. `submit` refuses such an option for it.
    const own = isolate && needsSession ? client.fork() : null;
    try {
      const options: CallOptions = { ...call, ...(isolate && !own && { isolate }), keepOutputs: 1, signal };
      const result = await finish(own ?? client, rules.endpoint, { data, options, place });
      return await saveFiles(client, result, { files, key: task.key, signal });
    } finally {
      await own?.close();
    }
  }
}

/** Submits a call, and counts it as running from its first status that says so. */
async function finish(
  client: BatchClient,
  endpoint: string | number | null,
  { data, options, place }: { data: CallData; options: CallOptions; place: Place },
): Promise<unknown> {
  const job: Job = endpoint === null ? client.submit(data, options) : client.submit(endpoint, data, options);
  const stop = job.on("status", ({ stage }) => {
    if (stage === "processing" || stage === "generating") place.start();
  });
  try {
    return await job.result();
  } finally {
    stop();
  }
}

function failure(task: Task, { failures, app }: Tries, error: unknown): StoredRecord {
  const shown = error instanceof GradioError ? error : new GradioError(text(error), { cause: error });
  const input = toJson(task.input) === undefined ? {} : { input: task.input };
  return { key: task.key, ...input, error: shown.toJSON(), attempts: failures, app, time: Date.now() };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unknownOutcome(cause: unknown): ConnectionError {
  const message = `The connection was lost, and whether the app ran the input is unknown. ${text(cause)}`;
  return new ConnectionError(message, { cause, accepted: null });
}

function tooManyLosses(losses: number): ConnectionError {
  const message = `The process or the connection ended ${losses} times while the input ran. It may be the cause.`;
  return new ConnectionError(message, { accepted: null });
}

/** Returns the error for a batch that was stopped. */
export function stopped(): CancelledError {
  return new CancelledError("The batch was stopped. Run it again with the same store to continue.");
}
