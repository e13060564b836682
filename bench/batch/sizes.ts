import { sample } from "../children.ts";
import { here } from "../compile.ts";

/** Costs of a batch of one size. */
export interface Costs {
  /** Commands sent to Redis, for each input. */
  commands: number;
  /** Bytes that the store keeps, for each input. */
  bytes: number;
  /** Largest heap after garbage collection, in megabytes. */
  heap: number;
  /** Inputs in a second. It depends on the machine. */
  rate: number;
  /** Look-ups of a rerun. */
  lookups: number;
  /** Commands of a rerun, for each input. */
  rerun: number;
}

/** Kinds of stores. */
export const kinds = ["file", "redis"] as const;

/** Numbers of inputs that the bench runs. */
export const sizes = [1_000, 10_000, 100_000, 1_000_000] as const;

/** Number of inputs that are looked up together. */
export const GROUP = 50;

/** Maximum ratio of the costs of the largest size to those of 10,000 inputs. */
export const GROWTH = 1.2;

/** Runs a batch of one size in a process of its own, and returns its costs. */
export async function costsOf(kind: (typeof kinds)[number], size: number): Promise<Costs> {
  const args = ["--expose-gc", "--conditions=@gradio-rx/source", "--disable-warning=ExperimentalWarning"];
  const program = `${here}batch/costs.ts`;
  // A million inputs take many minutes on a slow machine.
  const timeLimit = 60_000 + size * 6;
  const { figures, stop } = await sample(process.execPath, [...args, program, kind, String(size)], {
    timeLimit,
    env: {},
  });
  stop();
  return figures as unknown as Costs;
}
