import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Cost of a piece of work. */
export interface Took {
  /** CPU time of this process, in microseconds. */
  cpu: number;
  /** Wall time in milliseconds. */
  ms: number;
}

/** Number of rounds: enough to measure, and more to profile. */
export function rounds(enough: number): number {
  return process.env["PROFILE"] === undefined ? enough : enough * 10;
}

/** Measures a piece of work. With `PROFILE` set it is profiled, and the profile of the last piece is written to that path. */
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

/** Returns the bytes of the heap that are in use after garbage collection and finalization. */
export async function heap(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    // Finalizers run in tasks of their own and may release more memory.
    await sleep(300);
  }
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

/** Returns the peak memory of the process in MB. */
export function peak(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

/** Throws if values are wrong, so that they are not measured. */
export function check(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}
