import type { ValueContext } from "../call/execute.ts";
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

/** Services that run jobs. */
export interface JobServices {
  sessions: Sessions;
  times: RunTimes;
  stepper: Stepper;
  cache: ResultCache;
  iterators: Iterators;
  showError: boolean;
  reporter: Reporter;
  context(job: Job, reporter: Reporter | undefined): CallContext;
  valueContext(job: Job): ValueContext;
  /** Ends the media streams of a job. */
  endStreams(job: Job): void;
}

/**
 * Runs a job, or a batch of them, from its start to its last message.
 *
 * @param cancelled - rejects when the job's task is cancelled; the function is not awaited then.
 */
export async function runJobs(jobs: readonly Job[], services: JobServices, cancelled: Promise<never>): Promise<void> {
  const { sessions, times } = services;
  const began = performance.now();
  const alive = jobs.filter((job) => job.alive);
  for (const job of alive) sessions.send(job, processStarts(job.id, times.average(job.dependency)));
  const [first] = alive;
  if (first === undefined) return;
  try {
    if (first.dependency.batch) await runBatch(alive, first, services, cancelled);
    else if (!(await follow(first, await Promise.race([step(first, services), cancelled]), services, cancelled)))
      return;
  } catch (error) {
    if (error instanceof TaskCancelled) throw error;
    const payload = failurePayload(error, services.showError);
    for (const job of alive) sessions.send(job, failed(job.id, payload, true));
    return;
  } finally {
    for (const job of alive) services.endStreams(job);
  }
  times.add(first.dependency, (performance.now() - began) / 1000);
}

async function runBatch(
  jobs: readonly Job[],
  first: Job,
  services: JobServices,
  cancelled: Promise<never>,
): Promise<void> {
  const samples = jobs.map(({ data }) => data);
  const output = await Promise.race([services.stepper.stepBatch(stepCall(first, services), samples), cancelled]);
  for (const [at, job] of jobs.entries()) {
    services.sessions.send(job, completed(job.id, { ...output, data: output.data[at] ?? [] }));
  }
}

/** Sends the first output and all later ones. Resolves to whether the job succeeded. */
async function follow(job: Job, first: StepOutput, services: JobServices, cancelled: Promise<never>): Promise<boolean> {
  const { sessions, showError } = services;
  const streaming = isStreaming(job);
  const began = first.duration;
  let output = streamed(job, first);
  while (output.is_generating === true) {
    const limit = job.dependency.options.timeLimit ?? null;
    const left = streaming && limit !== null ? limit - began : null;
    sessions.send(job, generating(job.id, output, streaming, left));
    if (!job.alive) return false;
    try {
      await Promise.race([yieldToEventLoop(), cancelled]);
      if (streaming && !(await Promise.race([waitForChunk(job, (limit ?? 30) - began), cancelled]))) {
        sessions.send(job, completed(job.id, output, { timed: false }));
        return true;
      }
      if (streaming && isFinished(job)) break;
      output = streamed(job, await Promise.race([step(job, services), cancelled]));
    } catch (error) {
      if (error instanceof TaskCancelled) throw error;
      sessions.send(job, failed(job.id, failurePayload(error, showError), false));
      return false;
    }
  }
  if (output === first) services.cache.set(job.dependency, job.data, output);
  sessions.send(job, completed(job.id, output));
  return true;
}

function step(job: Job, services: JobServices): Promise<StepOutput> {
  return services.stepper.step(stepCall(job, services));
}

function stepCall(job: Job, services: JobServices): StepCall {
  const { dependency, data, simple, id: eventId } = job;
  // Reports of a batch are ignored, as they cannot be assigned to one of its jobs.
  const context = services.context(job, dependency.batch ? undefined : services.reporter);
  return { dependency, data, eventId, context, valueContext: services.valueContext(job), edits: !simple };
}

/** Marks the output of a streaming job as not final until the job is closed or its time is used up. */
function streamed(job: Job, output: StepOutput): StepOutput {
  if (!isStreaming(job)) return output;
  job.runTime += output.duration;
  return { ...output, is_generating: !isFinished(job) };
}

/** Yields to the event loop, so that messages are sent and requests received between the values of a synchronous generator. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Error of a task that was cancelled; no message is sent for it. */
export class TaskCancelled extends Error {
  constructor() {
    super("The task was cancelled");
    this.name = "TaskCancelled";
  }
}
