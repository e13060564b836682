import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connected } from "../adapters/adapter.ts";
import { large } from "../values.ts";
import { check, heap, measure, peak } from "./measure.ts";
import { checkGrown, checkSteps, changedLater } from "./values.ts";

/** What a sample is told. */
export interface Params {
  url: string;
  /** For files; made and removed by whoever starts the sample. */
  folder: string;
  /** How many calls. */
  calls: number;
  /** Outputs of a generator. */
  outputs: number;
  megabytes: number;
  /** Milliseconds that each answer is late. */
  delay: number;
  /** Whether the client repeats the last output when the call ends. */
  repeats: boolean;
}

/** Figures by name. */
export type Figures = Record<string, number>;

/** Measures one thing in a process of its own. */
export type Sample = (connect: () => Promise<Connected>, params: Params) => Promise<Figures>;

/** How many jobs warm a process up, and how many are measured then. */
const WARM_UP = 3;
const MEASURED = 3;

/** Every sample by name. */
export const samples: Record<string, Sample> = {
  connect,
  trips,
  first,
  sequential,
  atOnce,
  events,
  jobs,
  grow,
  table,
  value,
  memory,
  upload,
  download,
  close,
};

async function connect(open: () => Promise<Connected>): Promise<Figures> {
  let app: Connected;
  const { cpu } = await measure(async () => (app = await open()));
  check((await app!.predict("/echo", ["once"])) === "once", "The echo is wrong.");
  await app!.close();
  return { cpu: cpu / 1_000 };
}

async function trips(open: () => Promise<Connected>, { delay, calls }: Params): Promise<Figures> {
  let app: Connected;
  const echo = async (): Promise<unknown> => check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const connected = await measure(async () => (app = await open()));
  const firstCall = await measure(echo);
  const later = await measure(async () => {
    for (let call = 0; call < calls; call++) await echo();
  });
  await app!.close();
  return { connect: connected.ms / delay, first: firstCall.ms / delay, later: later.ms / calls / delay };
}

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

async function sequential(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<void> => {
    for (let call = 0; call < calls; call++)
      check((await app.predict("/echo", [`call ${call}`])) === `call ${call}`, "The echo is wrong.");
  };
  await run();
  const { cpu, ms } = await measure(run);
  await app.close();
  return { ms: ms / calls, cpu: cpu / calls / 1_000 };
}

async function atOnce(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const texts = Array.from({ length: calls }, (_, index) => `call ${index}`);
  const { cpu } = await measure(async () => {
    const said = await Promise.all(texts.map((text) => app.predict("/echo", [text])));
    check(said.every((value, index) => value === texts[index]), "The echoes are mixed up.");
  });
  await app.close();
  return { cpu: cpu / 1_000 };
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
  const { cpu } = await measure(run);
  await app.close();
  return { cpu: cpu / (calls * outputs) };
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
      // As a screen would: text that nobody reads stays in pieces.
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

async function table(open: () => Promise<Connected>, { outputs, repeats }: Params): Promise<Figures> {
  const app = await open();
  let changed = 0;
  const run = async (): Promise<unknown[]> => {
    const values: unknown[] = [];
    await app.stream("/table", [""], (seen) => void values.push(seen));
    return values;
  };
  await run();
  let values: unknown[] = [];
  const { cpu } = await measure(async () => (values = await run()));
  changed += changedLater(values, outputs, repeats);
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

async function memory(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const echo = async (): Promise<void> => check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const run = async (): Promise<number> => {
    for (let call = 0; call < calls; call += 20) await Promise.all(Array.from({ length: 20 }, echo));
    await sleep(100);
    return heap();
  };
  await run();
  const before = await run();
  const bytes = ((await run()) - before) / calls;
  await app.close();
  return { bytes };
}

async function upload(open: () => Promise<Connected>, { folder }: Params): Promise<Figures> {
  const app = await open();
  const { ms } = await measure(async () => {
    check((await app.upload(`${folder}/sent.bin`)) === "taken", "The call with the file said something else.");
  });
  await app.close();
  return { ms, peak: peak() };
}

async function download(open: () => Promise<Connected>, { folder, megabytes }: Params): Promise<Figures> {
  const app = await open();
  let path = "";
  const { ms } = await measure(async () => (path = await app.download(folder)));
  check(statSync(path).size === megabytes * 1_048_576, "The file has another size.");
  await app.close();
  return { ms, peak: peak() };
}

async function close(open: () => Promise<Connected>): Promise<Figures> {
  const app = await open();
  check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const closing = Date.now();
  await app.close();
  // Whoever started the process sees when it ends.
  return { closing };
}
