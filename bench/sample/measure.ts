import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What a piece of work took. */
export interface Took {
  /** CPU of this process, in microseconds. */
  cpu: number;
  /** In milliseconds. */
  ms: number;
}

/** As many rounds as are enough to measure; to profile, it takes more. */
export function rounds(enough: number): number {
  return process.env["PROFILE"] === undefined ? enough : enough * 10;
}

/** Measures a piece of work. With `PROFILE` set, it is profiled too, and the profile of the last piece is written there. */
export async function measure(work: () => Promise<unknown>): Promise<Took> {
  const profiler = process.env["PROFILE"] === undefined ? null : await startProfiler();
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const ms = performance.now() - start;
  await profiler?.();
  return { cpu: user + system, ms };
}

async function startProfiler(): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 100 });
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    writeFileSync(process.env["PROFILE"]!, JSON.stringify(profile));
  };
}

/** Bytes of the heap that are really in use, once everything that waits for its end has had it. */
export async function heap(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    // What a collection sets free is taken apart in tasks of its own, which may set more free.
    await sleep(300);
  }
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

/** Most memory that the process ever had, in MB. */
export function peak(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

/** A sample whose values are wrong has measured nothing. */
export function check(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}
