import type { Connected } from "../adapters/adapter.ts";

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
