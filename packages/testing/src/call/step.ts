import type { CallContext } from "../endpoint/context.ts";
import type { Dependency } from "../describe/model.ts";
import { diff, replaceWhole } from "../values/diff.ts";
import type { Exchange } from "./execute.ts";
import { invoke, receive, send } from "./execute.ts";
import type { Iterators, Running } from "./iterators.ts";
import { closeIterator } from "./iterators.ts";

/** What one step of a job put out, in the wire's words. */
export interface StepOutput<Value = unknown> {
  data: Value[];
  /** `null` for a batch. */
  is_generating: boolean | null;
  /** Seconds. */
  duration: number;
  average_duration: number;
  render_config: null;
  changed_state_ids: never[];
  used_cache: null;
}

/** One call of an endpoint: all but the endpoint's own past. */
export interface StepCall {
  dependency: Dependency;
  /** The job's id. Without one (a direct call) a generator gives its first value and ends. */
  eventId: string | null;
  data: readonly unknown[];
  context: CallContext;
  exchange: Exchange;
  /** Whether later values of a generator are sent as edits. */
  edits: boolean;
}

/** Runs steps: a whole call of a plain function, or a generator's way to its next yield. */
export interface Stepper {
  step(call: StepCall): Promise<StepOutput>;
  /** One call for several jobs: their values in, their outputs in the answer's `data`, in the same order. */
  stepBatch(call: StepCall, samples: readonly (readonly unknown[])[]): Promise<StepOutput<unknown[]>>;
  /** Functions and generators that have been started and have not ended. */
  running(): number;
}

/** Makes the one stepper of an app. */
export function createStepper(iterators: Iterators): Stepper {
  const past: Past = { iterators, output: outputs(), sent: new WeakMap(), functions: 0 };
  return {
    step: (call) => step(call, past),
    stepBatch: (call, samples) => stepBatch(call, samples, past),
    running: () => past.functions + iterators.count(),
  };
}

/** What is remembered from one step to the next. */
interface Past {
  iterators: Iterators;
  output: OutputMaker;
  /** The last values of each generator, from which edits start. */
  sent: WeakMap<Running, unknown[]>;
  /** Plain functions that run. */
  functions: number;
}

async function step(given: StepCall, past: Past): Promise<StepOutput> {
  const { dependency, eventId, exchange } = given;
  if (dependency.batch) {
    // The real server takes the values for those of the first input, one sample each, and answers the first output's.
    const samples = given.data.map((value) => [value]);
    const answer = await stepBatch(given, samples, past);
    return { ...answer, data: answer.data.map((row) => row[0]) };
  }
  const known = eventId === null ? undefined : past.iterators.get(eventId);
  if (known !== undefined) return advance(given, known, past);
  const values = receive(dependency, given.data, exchange);
  const { result, duration } = await callFunction(given, values, past);
  if (isRunning(result)) {
    past.iterators.started(result);
    return advance(given, result, past);
  }
  return past.output(dependency, await send(dependency, result, exchange), false, duration);
}

async function stepBatch(
  given: StepCall,
  samples: readonly (readonly unknown[])[],
  past: Past,
): Promise<StepOutput<unknown[]>> {
  const { dependency, exchange } = given;
  const rows = samples.map((data) => receive(dependency, data, exchange));
  const columns = dependency.inputs.map((_, at) => rows.map((values) => values[at]));
  const { result, duration } = await callFunction(given, columns, past);
  const answers = columnsOf(result); // one array for each output, even for a single one
  const single = dependency.outputs.length === 1;
  const data = rows.map((_, at) => {
    const answer = answers.map((column) => column[at]);
    return send(dependency, single ? answer[0] : answer, exchange);
  });
  return past.output(dependency, await Promise.all(data), null, duration);
}

async function advance(given: StepCall, iterator: Running, past: Past): Promise<StepOutput> {
  const { dependency, eventId, exchange } = given;
  const { iterators, sent, output } = past;
  const { result, duration } = await next(iterator, iterators);
  if (given.context.signal.aborted) await abandon(iterator, iterators);
  const before = sent.get(iterator);
  if (result.done === true) {
    if (eventId !== null) iterators.forget(eventId);
    return output(dependency, before ?? dependency.outputs.map(() => null), false, duration);
  }
  const data = await send(dependency, result.value, exchange);
  if (eventId === null) {
    await closeIterator(iterator);
    iterators.ended(iterator);
    return output(dependency, data, true, duration);
  }
  iterators.set(eventId, iterator);
  sent.set(iterator, data);
  if (before === undefined || !given.edits) return output(dependency, data, true, duration);
  const changes = dependency.outputs.map((to, at) => (to.whole ? replaceWhole : diff)(before[at], data[at]));
  return output(dependency, changes, true, duration);
}

async function callFunction({ dependency, context }: StepCall, values: readonly unknown[], past: Past): Promise<Timed> {
  past.functions += 1;
  try {
    return await timed(() => invoke(dependency, values, context));
  } finally {
    past.functions -= 1;
  }
}

interface Timed<T = unknown> {
  result: T;
  /** Seconds. */
  duration: number;
}

/** Takes the function's own time; what components do before and after does not count. */
async function timed<T>(run: () => T | Promise<T>): Promise<Timed<T>> {
  const began = performance.now();
  const result = await run();
  return { result, duration: (performance.now() - began) / 1000 };
}

async function next(iterator: Running, iterators: Iterators): Promise<Timed<IteratorResult<unknown>>> {
  try {
    const came = await timed<IteratorResult<unknown>>(() => iterator.next());
    if (came.result.done === true) iterators.ended(iterator);
    return came;
  } catch (error) {
    iterators.ended(iterator);
    throw error;
  }
}

/** A generator is one whoever made it: a plain function may hand out another's. */
function isRunning(value: unknown): value is Running {
  if (typeof value !== "object" || value === null || !("next" in value)) return false;
  return typeof value.next === "function" && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function columnsOf(result: unknown): unknown[][] {
  if (!Array.isArray(result) || !result.every((column) => Array.isArray(column))) {
    throw new TypeError("a batch function returns an array for each output");
  }
  return result;
}

/** Its job ended while it ran: it must not come back to life by being remembered. */
async function abandon(iterator: Running, iterators: Iterators): Promise<never> {
  await closeIterator(iterator);
  iterators.ended(iterator);
  throw new Error("the job has ended");
}

type OutputMaker = <Value>(
  dependency: Dependency,
  data: Value[],
  generating: boolean | null,
  duration: number,
) => StepOutput<Value>;

/** Fills in the averages over all steps of an endpoint. */
function outputs(): OutputMaker {
  const totals = new Map<Dependency, { seconds: number; count: number }>();
  return (dependency, data, generating, duration) => {
    const total = totals.get(dependency) ?? { seconds: 0, count: 0 };
    total.seconds += duration;
    total.count += 1;
    totals.set(dependency, total);
    const average = total.seconds / total.count;
    const rest = { render_config: null, changed_state_ids: [], used_cache: null };
    return { data, is_generating: generating, duration, average_duration: average, ...rest };
  };
}
