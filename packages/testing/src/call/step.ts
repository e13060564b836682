import type { CallContext } from "../endpoint/context.ts";
import type { Dependency } from "../describe/model.ts";
import { diff, replaceWhole } from "../values/diff.ts";
import type { ValueContext } from "./execute.ts";
import { invoke, receive, send } from "./execute.ts";
import type { Iterators, Running } from "./iterators.ts";
import { closeIterator } from "./iterators.ts";

/** Output of one step of a job, as the wire has it. */
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

/** Input of one step. */
export interface StepCall {
  dependency: Dependency;
  /** Id of the job; `null` for a direct call, in which a generator ends after its first value. */
  eventId: string | null;
  data: readonly unknown[];
  context: CallContext;
  valueContext: ValueContext;
  /** Whether values of a generator after the first one are sent as edits. */
  edits: boolean;
}

/** Runs steps. A step is a whole call of a plain function, or the run of a generator up to its next `yield`. */
export interface Stepper {
  step(call: StepCall): Promise<StepOutput>;
  /** Calls a batch function for several jobs; `data` has their outputs in the same order. */
  stepBatch(call: StepCall, samples: readonly (readonly unknown[])[]): Promise<StepOutput<unknown[]>>;
  /** Number of functions and generators that have started and have not ended. */
  running(): number;
}

/** Creates the stepper of an app. */
export function createStepper(iterators: Iterators): Stepper {
  const state: StepperState = { iterators, output: outputs(), sent: new WeakMap(), functions: 0 };
  return {
    step: (call) => step(call, state),
    stepBatch: (call, samples) => stepBatch(call, samples, state),
    running: () => state.functions + iterators.count(),
  };
}

/** State that is kept from one step to the next. */
interface StepperState {
  iterators: Iterators;
  output: OutputMaker;
  /** Last values of each generator; edits are computed from them. */
  sent: WeakMap<Running, unknown[]>;
  /** Number of plain functions that are running. */
  functions: number;
}

async function step(given: StepCall, state: StepperState): Promise<StepOutput> {
  const { dependency, eventId, valueContext } = given;
  if (dependency.batch) {
    // Like Gradio: each value is one sample of the first input, and only the first output is returned.
    const samples = given.data.map((value) => [value]);
    const answer = await stepBatch(given, samples, state);
    return { ...answer, data: answer.data.map((row) => row[0]) };
  }
  const known = eventId === null ? undefined : state.iterators.get(eventId);
  if (known !== undefined) return advance(given, known, state);
  const values = receive(dependency, given.data, valueContext);
  const { result, duration } = await callFunction(given, values, state);
  if (isRunning(result)) {
    state.iterators.started(result);
    return advance(given, result, state);
  }
  return state.output(dependency, await send(dependency, result, valueContext), false, duration);
}

async function stepBatch(
  given: StepCall,
  samples: readonly (readonly unknown[])[],
  state: StepperState,
): Promise<StepOutput<unknown[]>> {
  const { dependency, valueContext } = given;
  const rows = samples.map((data) => receive(dependency, data, valueContext));
  const columns = dependency.inputs.map((_, at) => rows.map((values) => values[at]));
  const { result, duration } = await callFunction(given, columns, state);
  const answers = columnsOf(result); // one array for each output
  const single = dependency.outputs.length === 1;
  const data = rows.map((_, at) => {
    const answer = answers.map((column) => column[at]);
    return send(dependency, single ? answer[0] : answer, valueContext);
  });
  return state.output(dependency, await Promise.all(data), null, duration);
}

async function advance(given: StepCall, iterator: Running, state: StepperState): Promise<StepOutput> {
  const { dependency, eventId, valueContext } = given;
  const { iterators, sent, output } = state;
  const { result, duration } = await next(iterator, iterators);
  if (given.context.signal.aborted) await abandon(iterator, iterators);
  const before = sent.get(iterator);
  if (result.done === true) {
    if (eventId !== null) iterators.forget(eventId);
    return output(dependency, before ?? dependency.outputs.map(() => null), false, duration);
  }
  const data = await send(dependency, result.value, valueContext);
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

async function callFunction(
  { dependency, context }: StepCall,
  values: readonly unknown[],
  state: StepperState,
): Promise<Timed> {
  state.functions += 1;
  try {
    return await timed(() => invoke(dependency, values, context));
  } finally {
    state.functions -= 1;
  }
}

interface Timed<T = unknown> {
  result: T;
  /** Seconds. */
  duration: number;
}

/** Measures the time of the function alone, without the conversion of its values. */
async function timed<T>(run: () => T | Promise<T>): Promise<Timed<T>> {
  const began = performance.now();
  const result = await run();
  return { result, duration: (performance.now() - began) / 1000 };
}

async function next(iterator: Running, iterators: Iterators): Promise<Timed<IteratorResult<unknown>>> {
  try {
    const timedResult = await timed<IteratorResult<unknown>>(() => iterator.next());
    if (timedResult.result.done === true) iterators.ended(iterator);
    return timedResult;
  } catch (error) {
    iterators.ended(iterator);
    throw error;
  }
}

/** Whether a value is a generator; a plain function may return one, too. */
function isRunning(value: unknown): value is Running {
  if (typeof value !== "object" || value === null || !("next" in value)) return false;
  return typeof value.next === "function" && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function columnsOf(result: unknown): unknown[][] {
  if (!Array.isArray(result) || !result.every((column) => Array.isArray(column))) {
    throw new TypeError("A batch function must return an array of arrays: one array for each output");
  }
  return result;
}

/** Closes a generator whose job ended during the step, so that no later step continues it. */
async function abandon(iterator: Running, iterators: Iterators): Promise<never> {
  await closeIterator(iterator);
  iterators.ended(iterator);
  throw new Error("The job has ended");
}

type OutputMaker = <Value>(
  dependency: Dependency,
  data: Value[],
  generating: boolean | null,
  duration: number,
) => StepOutput<Value>;

/** Adds the average duration of all steps of the endpoint to each output. */
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
