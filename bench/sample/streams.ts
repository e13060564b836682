import type { Connected } from "../adapters/adapter.ts";
import { large, type Message } from "../values.ts";
import { check, heap, measure, rounds } from "./measure.ts";
import type { Figures, Params, Sample } from "./sample.ts";
import { changedLater, checkGrown, checkSteps } from "./values.ts";

/** Number of jobs that warm up the process, and number of jobs that are measured. */
const WARM_UP = 3;
const MEASURED: number = rounds(3);

/** Calls with many outputs, or a large one. */
export const ofStreams: Record<string, Sample> = { first, events, jobs, grow, chat, table, value };

async function first(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const values: unknown[] = [];
  let ms = 0;
  const start = performance.now();
  await app.stream("/steps", [""], (seen) => {
    if (values.length === 0) ms = performance.now() - start;
    values.push(seen);
  });
  checkSteps(values, outputs, repeats);
  await app.close();
  return { ms };
}

async function events(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<void> => {
    const values: unknown[] = [];
    await app.stream("/steps", [""], (seen) => void values.push(seen));
    checkSteps(values, outputs, repeats);
  };
  const cold = await measure(run);
  for (let job = 0; job < WARM_UP; job++) await run();
  const warm = await measure(async () => {
    for (let job = 0; job < MEASURED; job++) await run();
  });
  await app.close();
  const count = outputs * MEASURED;
  return { first: cold.cpu / outputs, warm: warm.cpu / count, rate: (count / warm.ms) * 1_000 };
}

async function jobs(open: () => Promise<Connected>, { calls, outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const one = async (): Promise<void> => {
    const values: unknown[] = [];
    await app.stream("/steps", [""], (seen) => void values.push(seen));
    checkSteps(values, outputs, repeats);
  };
  const run = (): Promise<unknown> => Promise.all(Array.from({ length: calls }, one));
  await run();
  const times = rounds(1);
  const { cpu } = await measure(async () => {
    for (let time = 0; time < times; time++) await run();
  });
  await app.close();
  return { cpu: cpu / (calls * outputs * times) };
}

async function grow(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<void> => {
    let count = 0;
    let letters = 0;
    let last = "";
    await app.stream("/grow", [""], (text) => {
      last = text as string;
      count++;
      // Reads the last character, as rendering would: V8 does not flatten text that is not read.
      letters += last.charCodeAt(last.length - 1) === 32 ? 1 : 0;
    });
    check(letters === count, "The text ends elsewhere.");
    checkGrown(last, count, outputs, repeats);
  };
  await run();
  const { cpu } = await measure(run);
  await app.close();
  return { cpu: cpu / outputs };
}

/** An answer that grows inside of a chat history: CPU time, and the bytes that a finished job keeps. */
async function chat(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<unknown> => {
    let count = 0;
    let letters = 0;
    let last = "";
    const job = await app.stream("/chat", [""], (messages) => {
      const { content } = (messages as Message[]).at(-1)!;
      last = content;
      count++;
      letters += last.charCodeAt(last.length - 1) === 32 ? 1 : 0;
    });
    check(letters === count, "The answer ends elsewhere.");
    checkGrown(last, count, outputs, repeats);
    return job;
  };
  await run();
  const { cpu } = await measure(run);
  const before = await heap();
  const job = await run();
  const kept = (await heap()) - before;
  check(job !== null, "There is no job.");
  await app.close();
  return { cpu: cpu / outputs, kept };
}

async function table(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<unknown[]> => {
    const values: unknown[] = [];
    await app.stream("/table", [""], (seen) => void values.push(seen));
    return values;
  };
  await run();
  let values: unknown[] = [];
  const { cpu } = await measure(async () => (values = await run()));
  const changed = changedLater(values, outputs, repeats);
  await app.close();
  return { cpu: cpu / outputs, changed };
}

async function value(open: () => Promise<Connected>, { megabytes }: Params): Promise<Figures> {
  const app = await open();
  let got: unknown;
  const { cpu } = await measure(async () => (got = await app.predict("/large", [""])));
  check(JSON.stringify(got) === JSON.stringify(large(megabytes)), "The large value is another one.");
  await app.close();
  return { cpu: cpu / 1_000 / megabytes };
}
