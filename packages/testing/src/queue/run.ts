import type { Exchange } from "../call/execute.ts";
import type { Iterators } from "../call/iterators.ts";
import type { StepCall, StepOutput, Stepper } from "../call/step.ts";
import type { CallContext } from "../endpoint/context.ts";
import { failurePayload } from "../endpoint/failure.ts";
import { waitForChunk } from "./chunks.ts";
import type { RunTimes } from "./estimates.ts";
import type { Job } from "./job.ts";
import { isFinished, isStreaming } from "./job.ts";
import { completed, failed, generating, processStarts } from "./messages.ts";
import type { ResultCache } from "./result-cache.ts";
import type { Reporter } from "./reporter.ts";
import type { Sessions } from "./sessions.ts";

/** What running jobs needs. */
export interface RunHouse {
  sessions: Sessions;
  times: RunTimes;
  stepper: Stepper;
  cache: ResultCache;
  iterators: Iterators;
  showError: boolean;
  reporter: Reporter;
  context(job: Job, reporter: Reporter | undefined): CallContext;
  exchange(job: Job): Exchange;
  /** Nothing more comes of what a job streams. */
  endStreams(job: Job): void;
}

/**
 * Runs a job, or a batch of them, from its start to its last message.
 *
 * @param cancelled - rejects when the job's task is cancelled; what the function still does then is nobody's concern.
 */
export async function runJobs(jobs: readonly Job[], house: RunHouse, cancelled: Promise<never>): Promise<void> {
  const { sessions, times } = house;
  const began = performance.now();
  const alive = jobs.filter((job) => job.alive);
  for (const job of alive) sessions.send(job, processStarts(job.id, times.average(job.dependency)));
  const [first] = alive;
  if (first === undefined) return;
  try {
    if (first.dependency.batch) await runBatch(alive, first, house, cancelled);
    else if (!(await follow(first, await Promise.race([step(first, house), cancelled]), house, cancelled))) return;
  } catch (error) {
    if (error instanceof TaskCancelled) throw error;
    const payload = failurePayload(error, house.showError);
    for (const job of alive) sessions.send(job, failed(job.id, payload, true));
    return;
  } finally {
    for (const job of alive) house.endStreams(job);
  }
  times.add(first.dependency, (performance.now() - began) / 1000);
}

async function runBatch(jobs: readonly Job[], first: Job, house: RunHouse, cancelled: Promise<never>): Promise<void> {
  const samples = jobs.map(({ data }) => data);
  const output = await Promise.race([house.stepper.stepBatch(stepCall(first, house), samples), cancelled]);
  for (const [at, job] of jobs.entries()) {
    house.sessions.send(job, completed(job.id, { ...output, data: output.data[at] ?? [] }));
  }
}

/** Sends the first output and all that follow. Resolves to whether the job came to a good end. */
async function follow(job: Job, first: StepOutput, house: RunHouse, cancelled: Promise<never>): Promise<boolean> {
  const { sessions, showError } = house;
  const streaming = isStreaming(job);
  const began = first.duration;
  let output = streamed(job, first);
  while (output.is_generating === true) {
    const limit = job.dependency.options.timeLimit ?? null;
    const left = streaming && limit !== null ? limit - began : null;
    sessions.send(job, generating(job.id, output, streaming, left));
    if (!job.alive) return false;
    try {
      await Promise.race([breathe(), cancelled]);
      if (streaming && !(await Promise.race([waitForChunk(job, (limit ?? 30) - began), cancelled]))) {
        sessions.send(job, completed(job.id, output, { timed: false }));
        return true;
      }
      if (streaming && isFinished(job)) break;
      output = streamed(job, await Promise.race([step(job, house), cancelled]));
    } catch (error) {
      if (error instanceof TaskCancelled) throw error;
      sessions.send(job, failed(job.id, failurePayload(error, showError), false));
      return false;
    }
  }
  if (output === first) house.cache.set(job.dependency, job.data, output);
  sessions.send(job, completed(job.id, output));
  return true;
}

function step(job: Job, house: RunHouse): Promise<StepOutput> {
  return house.stepper.step(stepCall(job, house));
}

function stepCall(job: Job, house: RunHouse): StepCall {
  const { dependency, data, simple, id: eventId } = job;
  // In a batch nobody can tell whose progress it would be: reports go nowhere.
  const context = house.context(job, dependency.batch ? undefined : house.reporter);
  return { dependency, data, eventId, context, exchange: house.exchange(job), edits: !simple };
}

/** A streaming job goes on whatever its function says, until it is closed or out of time. */
function streamed(job: Job, output: StepOutput): StepOutput {
  if (!isStreaming(job)) return output;
  job.runTime += output.duration;
  return { ...output, is_generating: !isFinished(job) };
}

/** Lets messages out and requests in between the values of a generator that never waits. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Why a task ends without a word. */
export class TaskCancelled extends Error {
  constructor() {
    super("the task was cancelled");
    this.name = "TaskCancelled";
  }
}
